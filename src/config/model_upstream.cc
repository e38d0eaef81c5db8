// See model_upstream.h.
#include "config/model_upstream.h"

#include "config/words.h"

namespace sallyport::config {

using schema::Context;
using schema::field;
using schema::Fields;
using schema::Node;

namespace {

constexpr std::chrono::milliseconds kNone{0};
constexpr std::chrono::milliseconds kLeast{10};
constexpr std::chrono::milliseconds kHour = std::chrono::hours(1);
constexpr std::chrono::milliseconds kDay = std::chrono::hours(24);

}  // namespace

Fields<upstream::HealthSettings> Table<upstream::HealthSettings>::fields() {
  using upstream::HealthSettings;
  return {
      field("path", &HealthSettings::path,
            "Path to ask every endpoint for; an answer from 200 to 399 is healthy.")
          .check([](const std::string& path) { return path_fault(path); }),
      field("host", &HealthSettings::host, "`Host` to ask with.")
          .check([](const std::string& host) { return authority_fault(host); })
          .default_text("the endpoint's"),
      field("every", &HealthSettings::every, "Time between two checks.").range(kLeast, kDay),
      field("timeout", &HealthSettings::timeout, "For one check.").range(kLeast, kHour),
      field("healthy_after", &HealthSettings::healthy_after,
            "Good checks in a row that bring an endpoint back.")
          .range(1, 1000),
      field("unhealthy_after", &HealthSettings::unhealthy_after,
            "Bad checks in a row that take an endpoint out.")
          .range(1, 1000),
  };
}

Fields<upstream::EjectionSettings> Table<upstream::EjectionSettings>::fields() {
  using upstream::EjectionSettings;
  Fields<EjectionSettings> fields{
      field("consecutive_failures", &EjectionSettings::consecutive_failures,
            "Requests in a row that end in a failed connection, a timeout or a 502, 503 or 504 "
            "before an endpoint is left alone for a while.")
          .range(1, 1'000'000),
      field("base", &EjectionSettings::base, "How long at first; doubled each time.")
          .range(kLeast, kDay),
      field("most", &EjectionSettings::most, "How long at most.").range(kLeast, kDay),
      field("most_percent", &EjectionSettings::most_percent,
            "Share of the endpoints that may be left alone at a time.")
          .range(1, 100),
  };
  fields.check([](const EjectionSettings& ejection, const Node& node, Context& context) {
    if (ejection.most >= ejection.base) return;
    context.error(node, "\"most\" must not be shorter than \"base\"", {},
                  schema::code::kOutOfRange);
  });
  return fields;
}

namespace model {

Fields<Endpoint> Endpoint::fields() {
  Fields<Endpoint> fields{
      field("url", &Endpoint::url,
            "Scheme, address or name, and port. A name is looked up again as its records expire.")
          .required()
          .example("http://10.0.0.1:9000"),
      field("weight", &Endpoint::weight, "Share of the requests, compared with the others.")
          .range(1, 1000),
  };
  fields.shorthand("url");
  return fields;
}

Fields<Hash> Hash::fields() {
  Fields<Hash> fields{
      field("header", &Hash::header, "Hashes the value of this header.")
          .check([](const std::string& name) { return header_name_fault(name); }),
      field("cookie", &Hash::cookie, "Hashes the value of this cookie.")
          .check([](const std::string& name) { return cookie_name_fault(name); }),
  };
  fields.exactly_one_of({"header", "cookie"});
  return fields;
}

Fields<UpstreamTimeouts> UpstreamTimeouts::fields() {
  return {
      field("connect", &UpstreamTimeouts::connect, "For a connection to be made, TLS included.")
          .range(kLeast, kHour),
      field("response", &UpstreamTimeouts::response,
            "From the end of a request to the headers of its response.")
          .range(kLeast, kDay),
      field("idle", &UpstreamTimeouts::idle, "Between two reads or writes of a body.")
          .range(kLeast, kDay),
  };
}

Fields<KeepAlive> KeepAlive::fields() {
  return {
      field("idle", &KeepAlive::idle, "An unused connection is closed after this.")
          .range(kNone, kDay),
      field("connections", &KeepAlive::connections,
            "Unused connections kept, per worker and endpoint; 0 keeps none.")
          .range(0, 1'000'000),
  };
}

Fields<UpstreamTls> UpstreamTls::fields() {
  Fields<UpstreamTls> fields{
      field("verify", &UpstreamTls::verify,
            "Whether the upstream has to prove who it is. Never switch this off in production."),
      field("ca", &UpstreamTls::ca, "PEM bundle of the authorities to trust.")
          .default_text("those of the system"),
      field("cert", &UpstreamTls::cert, "PEM file with the certificate to show to the upstream."),
      field("key", &UpstreamTls::key, "PEM file with its private key."),
      field("server_name", &UpstreamTls::server_name,
            "Name to ask for and to find in the upstream's certificate.")
          .check([](const std::string& name) { return authority_fault(name); })
          .default_text("the endpoint's host"),
  };
  fields.check([](const UpstreamTls& tls, const Node& node, Context& context) {
    if (tls.cert.empty() != tls.key.empty()) {
      context.error(node, "\"cert\" and \"key\" need each other", {}, schema::code::kMissingKey);
    }
    if (!tls.verify && !tls.ca.empty()) {
      context.error(node, "\"ca\" has no use with \"verify: false\"", {}, schema::code::kConflict);
    }
  });
  return fields;
}

Fields<Upstream> Upstream::fields() {
  Fields<Upstream> fields{
      field("endpoints", &Upstream::endpoints, "Where the service is; all with one scheme.")
          .required()
          .or_single()
          .min_items(1),
      field("balance", &Upstream::balance, "Which endpoint a request goes to."),
      field("hash", &Upstream::hash, "What `consistent_hash` hashes.").default_text("`address`"),
      field("health", &Upstream::health, "Asks every endpoint how it is, all the time.")
          .default_text("no checks"),
      field("ejection", &Upstream::ejection, "Leaves endpoints alone that keep failing requests."),
      field("slow_start", &Upstream::slow_start,
            "How long an endpoint that comes back gets less than its share; 0 is not at all.")
          .range(kNone, kHour),
      field("timeouts", &Upstream::timeouts, "How long the gateway waits for this upstream."),
      field("keep_alive", &Upstream::keep_alive, "Connections kept open between requests."),
      field("tls", &Upstream::tls, "How TLS is spoken to `https` endpoints."),
  };
  fields.shorthand("endpoints");
  fields.check([](const Upstream& upstream, const Node& /*node*/, Context& context) {
    if (!upstream.hash || upstream.balance == upstream::Balance::consistent_hash) return;
    context.diagnostics().error(upstream.hash->where,
                                "\"hash\" is only used with \"balance: consistent_hash\"", {},
                                schema::code::kConflict);
  });
  return fields;
}

}  // namespace model
}  // namespace sallyport::config

namespace sallyport::schema {

using config::model::Hash;

bool Codec<Hash>::read(const Node& node, Context& context, Hash& out) {
  if (node.is_scalar() && node.text == "address") return true;
  if (!node.is_map()) {
    return context.wrong_kind(node, "`address`, {header: NAME} or {cookie: NAME}");
  }
  return fields_of<Hash>().read(node, context, out);
}

Shape Codec<Hash>::shape(const Hash& initial) {
  Shape address;
  address.kind = Shape::Kind::string;
  address.type = "word";
  address.values = {"address"};
  address.value_notes = {"Hashes the client's address."};
  Shape either;
  either.kind = Shape::Kind::either;
  either.inner = {std::move(address), fields_of<Hash>().shape(initial)};
  return either;
}

std::string Codec<Hash>::to_json(const Hash& /*value*/) { return {}; }

}  // namespace sallyport::schema
