#include "policies/authenticate/consumer/api_key.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "http/chars.h"
#include "policies/authenticate/proof/consumer_identity.h"
#include "policies/authenticate/proof/credential.h"
#include "policies/authenticate/proof/same_origin.h"
#include "policy/route.h"
#include "store/key_text.h"
#include "store/view/caller_directory.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;
using store::KeyVerdict;

std::string_view text_of(KeyVerdict verdict) {
  switch (verdict) {
    case KeyVerdict::good:
      return "is good";
    case KeyVerdict::malformed:
      return "is none of ours";
    case KeyVerdict::unknown:
      return "is not known";
    case KeyVerdict::wrong_secret:
      return "has another secret";
    case KeyVerdict::revoked:
      return "is revoked";
    case KeyVerdict::not_yet:
      return "is not good yet";
    case KeyVerdict::expired:
      return "has expired";
    case KeyVerdict::no_consumer:
      return "belongs to no consumer any more";
    case KeyVerdict::disabled:
      return "belongs to a consumer who is disabled";
  }
  return "is not good";
}

// The key's id, which is no secret, so that an operator finds it; of one that is none, nothing.
Refused refused(std::string_view presented, KeyVerdict verdict, std::string_view why) {
  std::string text = "the API key ";
  if (verdict != KeyVerdict::malformed) {
    text += presented.substr(store::kKeyPrefix.size(), store::PublicId::kTextSize);
    text += ' ';
  }
  text += why;
  return {.why = std::move(text)};
}

std::string token_fault(const std::string& name) {
  return http::is_token(name) ? std::string() : "is not a name that HTTP allows";
}

CredentialPlace place_of(const ApiKeySettings& settings) {
  using Kind = CredentialPlace::Kind;
  if (settings.query) return {Kind::query, *settings.query};
  if (settings.cookie) return {Kind::cookie, *settings.cookie, {}, settings.trusted_origins};
  return {Kind::header, settings.header.value_or("X-API-Key")};
}

// HTTP has no scheme for keys, and a 401 must have one (RFC 9110 section 15.5.2): this one says
// where the key goes, in the words of OpenAPI.
std::string parameters_of(const ApiKeySettings& settings) {
  const std::string in = settings.query ? "query" : settings.cookie ? "cookie" : "header";
  const std::string name = settings.query    ? *settings.query
                           : settings.cookie ? *settings.cookie
                                             : settings.header.value_or("X-API-Key");
  return "in=\"" + in + "\", name=\"" + name + "\"";
}

class ApiKey final : public Method {
 public:
  explicit ApiKey(const ApiKeySettings& settings)
      : place_(place_of(settings)),
        parameters_(parameters_of(settings)),
        forward_(settings.forward) {}

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    const CredentialPlace::Found found = place_.find(x);
    if (found.ambiguous) return Attempt(Refused{"there are several API keys in one request"});
    if (found.text.empty()) return Attempt(Absent{});
    if (auto refused = place_.cross_site(x)) return Attempt(*std::move(refused));
    if (x.callers == nullptr)
      return Attempt(Unavailable{
          "the store of callers is not open here (explain asks the running gateway with --admin)"});
    const std::shared_ptr<const store::CallerView>& view = x.callers->view();
    const store::FoundKey known = view->find_key(found.text, wall_milliseconds(), !x.rehearsal);
    if (known.verdict != KeyVerdict::good) {
      return Attempt(refused(found.text, known.verdict, text_of(known.verdict)));
    }
    const store::KeyLimits& limits = *known.key->limits;
    if (!limits.networks.empty() && !limits.networks.contains(x.client.address)) {
      return Attempt(refused(found.text, known.verdict, "may not be used from this address"));
    }
    if (!limits.apis.empty() && !is_for(limits.apis, x.route)) {
      return Attempt(refused(found.text, known.verdict, "is not for this API"));
    }
    Identity identity = identity_of(*known.consumer, "api_key", Strength::key, view);
    identity.scopes = limits.scope_views;
    return Attempt(std::move(identity));
  }

  void remove_credential(Exchange& x) const override {
    if (!forward_) place_.remove(x);
  }
  [[nodiscard]] const CredentialPlace* place() const override { return &place_; }
  [[nodiscard]] bool forwards() const override { return forward_; }
  [[nodiscard]] std::vector<Challenge> challenges() const override {
    return {{.scheme = "ApiKey", .parameters = parameters_}};
  }

 private:
  [[nodiscard]] static bool is_for(const std::vector<std::string>& apis, const Route* route) {
    return route != nullptr && std::ranges::find(apis, route->api) != apis.end();
  }

  const CredentialPlace place_;
  const std::string parameters_;
  const bool forward_;
};

// One that nobody would look at is a slip.
void check_origins(const ApiKeySettings& settings, const schema::Node& node,
                   schema::Context& context) {
  if (settings.trusted_origins.empty() || settings.cookie) return;
  context.error(node, "has `trusted_origins`, which are for a cookie, but no `cookie`", {},
                schema::code::kConflict);
}

}  // namespace

schema::Fields<ApiKeySettings> ApiKeySettings::fields() {
  schema::Fields<ApiKeySettings> table{
      field("header", &ApiKeySettings::header, "Header that holds the key, and nothing else.")
          .check(token_fault)
          .default_text("X-API-Key"),
      field("query", &ApiKeySettings::query,
            "Query parameter, in place of a header. URLs end up in logs and histories of others: "
            "prefer a header.")
          .check(token_fault),
      field("cookie", &ApiKeySettings::cookie,
            "Cookie, in place of a header. What changes something has then to come from a page of "
            "the API's own origin.")
          .check(token_fault),
      field("trusted_origins", &ApiKeySettings::trusted_origins,
            "Other origins whose pages may change things by that cookie.")
          .or_single()
          .min_items(1)
          .check(origin_fault)
          .default_text("none")
          .example("https://app.example.com"),
      field("forward", &ApiKeySettings::forward, "Whether the upstream gets the key too."),
  };
  return table.at_most_one_of({"header", "query", "cookie"}).check(check_origins);
}

std::unique_ptr<const Method> make_api_key(const schema::Marked<ApiKeySettings>& settings,
                                           schema::Context& context) {
  if (context.scope() == nullptr || !context.scope()->keeps_state) {
    context.diagnostics().error(settings.where, "needs a store of keys, and the file names none",
                                "Say where it is kept: state: {path: /var/lib/sallyport}.",
                                schema::code::kMissingKey);
    return nullptr;
  }
  if (settings.value.query) context.scope()->secret_parameters.insert(*settings.value.query);
  return std::make_unique<ApiKey>(settings.value);
}

}  // namespace sallyport::policies::authenticate_detail
