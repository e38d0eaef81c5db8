// See model.h.
#include "config/model.h"

namespace sallyport::config::model {

using schema::field;
using schema::Fields;

Fields<Root> Root::fields() {
  constexpr std::chrono::milliseconds kNone{0};
  constexpr std::chrono::milliseconds kHour = std::chrono::hours(1);
  Fields<Root> fields{
      field("listen", &Root::listen, "Where clients connect.")
          .required()
          .or_single()
          .min_items(1)
          .example("\":8443\""),
      field("apis", &Root::apis, "What is served. What no API claims is 404.")
          .required()
          .min_items(1),
      field("upstreams", &Root::upstreams, "Services that APIs name as their upstream."),
      field("admin", &Root::admin,
            "The admin listener: metrics, health, the configuration. `off` for none."),
      field("workers", &Root::workers, "Threads that serve requests.")
          .range(1, 1024)
          .default_text("the number of cores"),
      field("log", &Root::log, "What is logged, and what is kept out of the log."),
      field("timeouts", &Root::timeouts, "How long the gateway waits for clients."),
      field("limits", &Root::limits, "How much is taken from clients."),
      field("http", &Root::http, "How HTTP is read."),
      field("trusted_proxies", &Root::trusted_proxies,
            "Networks of the proxies before the gateway; only their word about a client's address "
            "is believed.")
          .default_text("none"),
      field("client_address", &Root::client_address,
            "The header in which trusted proxies name the client."),
      field("drain", &Root::drain, "How long a stop waits for requests in progress.")
          .range(kNone, kHour),
      field("user", &Root::user,
            "Account to run as once listeners are open and certificates are read.")
          .default_text("the one that started the gateway"),
      field("trail", &Root::trail, "Decision trails kept for `sallyport explain`."),
      field("state", &Root::state,
            "What is kept on the disk: consumers and their credentials, and the audit trail.")
          .default_text("nothing is kept"),
      field("token_service", &Root::token_service,
            "Gives OAuth access tokens to clients of the store (`state`).")
          .default_text("there is none"),
  };
  fields.rest(&Root::policies, [] { return policy_keys(true); });
  return fields;
}

}  // namespace sallyport::config::model
