#include "policies/authenticate/token/introspection.h"

#include <algorithm>
#include <cstring>
#include <expected>
#include <utility>

#include "base/text.h"
#include "http/client.h"
#include "issuers/key_source.h"
#include "jose/claims.h"
#include "jose/token.h"
#include "json/document.h"
#include "policies/authenticate/proof/claimed.h"
#include "policies/authenticate/proof/client_secret.h"
#include "policies/authenticate/proof/credential.h"
#include "policies/authenticate/token/binding.h"
#include "policy/keyed_cache.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::size_t kLongestToken = std::size_t{16} << 10;
constexpr std::size_t kLongestAnswer = std::size_t{64} << 10;
// Longer answers are asked for every time, so that what is remembered stays small.
constexpr std::size_t kMostRemembered = std::size_t{8} << 10;

// What the endpoint says of one token; the identity points into the rest.
struct Introspected : Claimed {
  explicit Introspected(json::Document answer) : document(std::move(answer)) {}
  json::Document document;
  Binding binding;
  std::string fault;  // why it proves nothing; empty: it does
  jose::Time good_until;
};
using Known = std::shared_ptr<const Introspected>;

// Tokens are visible characters (RFC 6750 section 2.1 allows fewer).
bool may_be_token(std::string_view text) {
  return text.size() <= kLongestToken &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

class Introspection final : public Method {
 public:
  Introspection(const IntrospectionSettings& settings, std::unique_ptr<const Service> service)
      : service_(std::move(service)),
        authorization_(basic_of(settings.client_id, settings.client_secret.reveal())),
        hint_(settings.token_type_hint
                  ? "&token_type_hint=" + text::percent_encoded(*settings.token_type_hint)
                  : ""),
        scopes_(settings.scopes),
        ttl_(settings.cache.ttl),
        inactive_ttl_(settings.cache.inactive_ttl),
        place_(settings.from),
        claims_(settings.claims),
        forward_(settings.forward) {
    expected_.issuers = settings.issuer;
    expected_.any_issuer = settings.issuer.empty();
    expected_.audiences = settings.audience;
    expected_.any_audience = settings.audience.empty();
    expected_.expiry_required = false;
    expected_.leeway = std::chrono::ceil<std::chrono::seconds>(settings.leeway);
  }
  Introspection(const Introspection&) = delete;
  Introspection& operator=(const Introspection&) = delete;
  ~Introspection() override { explicit_bzero(authorization_.data(), authorization_.size()); }

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    const CredentialPlace::Found found = place_.find(x);
    if (found.ambiguous) return Attempt(Refused{"there are several credentials in one request"});
    if (found.text.empty()) return Attempt(Absent{});
    if (auto refused = place_.cross_site(x)) return Attempt(*std::move(refused));
    if (!may_be_token(found.text))
      return Attempt(Refused{"oauth2_introspection: this is no token"});
    const jose::Time now = time_now();
    Known known = cache_.find(found.text,
                              [now](const Introspected& entry) { return entry.good_until > now; });
    if (known != nullptr) return held(x, std::move(known));
    return asked(x, found.text);
  }

  void remove_credential(Exchange& x) const override {
    if (!forward_) place_.remove(x);
  }
  [[nodiscard]] const CredentialPlace* place() const override { return &place_; }
  [[nodiscard]] bool forwards() const override { return forward_; }
  [[nodiscard]] std::vector<Challenge> challenges() const override {
    return {{.scheme = "Bearer", .error = "invalid_token"}};
  }
  [[nodiscard]] std::vector<std::string> issuers() const override { return expected_.issuers; }

 private:
  [[nodiscard]] Task<Attempt> asked(Exchange& x, std::string_view token) const {
    if (x.services == nullptr)
      co_return Unavailable{"oauth2_introspection: nobody is there to ask"};
    http::ClientRequest request = service_->question();
    request.method = "POST";
    request.most_bytes = kLongestAnswer;
    request.headers = {{.name = "Authorization", .value = authorization_},
                       {.name = "Accept", .value = "application/json"},
                       {.name = "Content-Type", .value = "application/x-www-form-urlencoded"}};
    request.body = "token=" + text::percent_encoded(token) + hint_;
    Task<std::expected<http::ClientResponse, std::string>> asking =
        x.services->send(std::move(request));
    auto answer = co_await asking;
    if (!answer) co_return Unavailable{"oauth2_introspection: " + answer.error()};
    const bool refused = answer->status == 401 || answer->status == 403;
    if (answer->status != 200) {
      co_return Unavailable{"oauth2_introspection: " + service_->url() + " answers " +
                            std::to_string(answer->status) +
                            (refused ? "; it does not take `client_id` and `client_secret`" : "")};
    }
    auto known = read(answer->body);
    if (!known)
      co_return Unavailable{"oauth2_introspection: " + service_->url() + ' ' + known.error()};
    if ((*known)->good_until > time_now() && answer->body.size() <= kMostRemembered) {
      cache_.put(token, *known);
    }
    co_return held(x, std::move(*known));
  }

  // The error: it is no answer at all.
  [[nodiscard]] std::expected<Known, std::string> read(std::string_view body) const {
    auto document = json::Document::parse(body);
    if (!document) return std::unexpected("answers with what is no JSON: " + document.error());
    const std::optional<json::Value> active = document->find("active");
    if (!active || !active->boolean()) return std::unexpected("does not say whether it is active");
    const jose::Time now = time_now();
    auto known = std::make_shared<Introspected>(std::move(*document));
    const json::Value claims = known->document.root();
    known->fault = *active->boolean() ? fault_of(claims, now) : "the token is not active";
    std::optional<Binding> binding = binding_of(claims);
    if (!binding) {
      known->fault = "its binding (cnf) is not understood";
    } else {
      known->binding = std::move(*binding);
    }
    known->good_until = now + (known->fault.empty() ? ttl_ : inactive_ttl_);
    if (auto expires = jose::time_of(claims, "exp"); expires && known->fault.empty()) {
      known->good_until = std::min(known->good_until, *expires + expected_.leeway);
    }
    claims_.read(claims, *known);
    known->identity.method = "oauth2_introspection";
    return known;
  }

  [[nodiscard]] std::string fault_of(json::Value claims, jose::Time now) const {
    if (auto wrong = jose::check_claims(claims, expected_, now)) {
      return std::string(jose::name_of(wrong->code)) + ": " + wrong->sentence;
    }
    const std::vector<std::string_view> given = jose::scopes_of(claims);
    for (const std::string& scope : scopes_) {
      if (std::ranges::find(given, scope) == given.end()) return "it lacks the scope " + scope;
    }
    return {};
  }

  [[nodiscard]] static Attempt held(const Exchange& x, Known known) {
    if (!known->fault.empty()) return Refused{"oauth2_introspection: " + known->fault};
    Identity identity = known->identity;
    const Binding& binding = known->binding;
    if (!binding.key.empty()) {
      return Refused{
          "oauth2_introspection: the token is bound to a key, which is not checked here"};
    }
    if (!binding.certificate.empty()) {
      if (binding.certificate != x.tls.client_fingerprint) {
        return Refused{"oauth2_introspection: the token is bound to another certificate"};
      }
      identity.strength = Strength::bound;
    }
    identity.owner = std::move(known);
    return identity;
  }

  const std::unique_ptr<const Service> service_;
  std::string authorization_;  // wiped in the end
  const std::string hint_;
  const std::vector<std::string> scopes_;
  const std::chrono::milliseconds ttl_, inactive_ttl_;
  const CredentialPlace place_;
  const ClaimMap claims_;
  const bool forward_;
  jose::Expectations expected_;
  mutable KeyedCache<Introspected> cache_;
};

}  // namespace

std::unique_ptr<const Method> make_introspection(
    const schema::Marked<IntrospectionSettings>& settings, schema::Context& context) {
  auto service = Service::make({.value = settings.value.service, .where = settings.where}, context);
  if (service == nullptr) return nullptr;
  return std::make_unique<Introspection>(settings.value, std::move(service));
}

}  // namespace sallyport::policies::authenticate_detail
