// Finds out who is calling, by any of several ways, and refuses those who do not prove it.
//
// What was proven stands in `Exchange::identity`, and later policies read only that. The credential
// is taken out of the request: an upstream that gets it could pretend to be the caller.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "http/bytes_body.h"
#include "policies/authenticate/challenges.h"
#include "policies/authenticate/login/oidc_login.h"
#include "policies/authenticate/proof/credential.h"
#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/proof/same_origin.h"
#include "policies/authenticate/protected_resource.h"
#include "policies/authenticate/requirement.h"
#include "policies/authenticate/settings.h"
#include "policies/authenticate/signature/hmac.h"
#include "policies/authenticate/signature/http_signature.h"
#include "policies/authenticate/upstream_identity.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/registry.h"

namespace sallyport::policies {
namespace {

using namespace authenticate_detail;  // NOLINT(google-build-using-namespace): of this policy

constexpr Reason kMissing{"authenticate.missing", 401, "This API has to know who is calling."};
constexpr Reason kInvalid{"authenticate.invalid", 401, "The credentials are not valid."};

// Where it has an answer of its own for the client, that one is given.
constexpr Reason kRefused{"authenticate.refused", 403, "The authorizer refuses this request."};

constexpr Reason kUnavailable{"authenticate.unavailable", 503,
                              "Who is calling cannot be found out at the moment.",
                              Blame::operations, true};

// Who asks where tokens come from need not say who they are.
constexpr Reason kMetadata{"authenticate.metadata", 200, "This is about the protected resource."};

class Authenticate final : public Policy {
 public:
  static std::shared_ptr<const Policy> make(Config config, const schema::Node& block,
                                            schema::Context& context) {
    std::unique_ptr<const Requirement> requirement = Requirement::make(
        {.value = std::move(config.method), .where = context.where(block)}, context);
    std::unique_ptr<const UpstreamIdentity> upstream;
    if (config.identity) {
      upstream = UpstreamIdentity::make(*config.identity, context);
      if (upstream == nullptr) return nullptr;
    }
    if (requirement == nullptr) return nullptr;
    std::vector<const Method*> methods;
    requirement->append_methods(methods);
    if (methods.size() > Trial::kMost) {
      context.error(block, "has " + std::to_string(methods.size()) + " methods; up to " +
                               std::to_string(Trial::kMost) + " are asked");
      return nullptr;
    }
    std::optional<ProtectedResource> resource;
    if (config.resource) resource.emplace(config.resource->value, methods);
    Challenges challenges(methods, config.realm.value_or(""), resource ? resource->url() : "");
    return std::make_shared<Authenticate>(std::move(requirement), std::move(challenges),
                                          std::move(resource), std::move(upstream),
                                          std::move(methods));
  }

  Authenticate(std::unique_ptr<const Requirement> requirement, Challenges challenges,
               std::optional<ProtectedResource> resource,
               std::unique_ptr<const UpstreamIdentity> upstream, std::vector<const Method*> methods)
      : requirement_(std::move(requirement)),
        challenges_(std::move(challenges)),
        resource_(std::move(resource)),
        upstream_(std::move(upstream)),
        methods_(std::move(methods)) {
    for (const Method* method : methods_) {
      if (const BrowserMethod* browser = method->browser()) for_browsers_.push_back(browser);
      if (method->completes()) completing_.push_back(method);
    }
  }

  Task<Verdict> on_request(Exchange& x) const override {
    if (asks_for_metadata(x)) return stop(kMetadata);
    Trial& trial = *new (x.arena.allocate(sizeof(Trial))) Trial;
    for (const BrowserMethod* method : for_browsers_) {
      if (method->serves(x)) return decided_later(x, trial, method->serve(x));
    }
    Task<Attempt> asked = requirement_->prove(x, trial);
    if (!for_browsers_.empty()) return invited(x, trial, std::move(asked));
    if (!asked.ready()) return decided_later(x, trial, std::move(asked));
    return decided(x, trial, asked.await_resume());
  }

  Task<Verdict> on_response(Exchange& x) const override {
    for (const Method* method : completing_) method->complete(x);
    if (x.reason == nullptr) return pass();
    if (x.reason == &kMetadata) answer_metadata(x);
    if (x.reason == &kMissing || x.reason == &kInvalid) {
      const Failed* failed = x.slot_if<Failed>(this);
      if (failed != nullptr) challenges_.add_to(x, *failed->trial);
    }
    if (x.reason == &kRefused) {
      const Failed* failed = x.slot_if<Failed>(this);
      if (failed != nullptr) failed->trial->answering()->answer(x);
      return pass();
    }
    challenges_.complete(x);
    return pass();
  }

  [[nodiscard]] std::vector<OwnPath> own_paths() const override {
    std::vector<OwnPath> paths;
    if (resource_) paths.push_back({.path = resource_->path(), .methods = {"GET"}});
    for (const BrowserMethod* method : for_browsers_) {
      for (OwnPath& path : method->own_paths()) paths.push_back(std::move(path));
    }
    return paths;
  }

 private:
  struct Failed {
    const Trial* trial;
  };

  [[nodiscard]] Task<Verdict> decided_later(Exchange& x, Trial& trial, Task<Attempt> asked) const {
    Attempt attempt = co_await asked;
    co_return decided(x, trial, std::move(attempt));
  }

  // Where nothing was proven, a browser may be sent to where that can be changed.
  [[nodiscard]] Task<Verdict> invited(Exchange& x, Trial& trial, Task<Attempt> asked) const {
    Attempt attempt = co_await asked;
    if (!std::holds_alternative<Absent>(attempt) && !std::holds_alternative<Refused>(attempt)) {
      co_return decided(x, trial, std::move(attempt));
    }
    for (const BrowserMethod* method : for_browsers_) {
      Task<Attempt> inviting = method->invite(x);
      Attempt answer = co_await inviting;
      if (std::holds_alternative<Absent>(answer)) continue;
      co_return decided(x, trial, std::move(answer));
    }
    co_return decided(x, trial, std::move(attempt));
  }

  [[nodiscard]] Verdict decided(Exchange& x, const Trial& trial, Attempt attempt) const {
    if (auto* identity = std::get_if<Identity>(&attempt)) {
      x.identity = std::move(*identity);
      remove_credentials(x, trial);
      for (const Method* method : trial.proved()) method->tell_upstream(x);
      if (upstream_ == nullptr || upstream_->write(x)) return pass();
      return stop(kUnavailable, "the identity for the upstream could not be signed");
    }
    x.slot<Failed>(this).trial = &trial;
    if (auto* missing = std::get_if<Unavailable>(&attempt)) {
      return stop(kUnavailable, std::move(missing->why));
    }
    if (auto* answered = std::get_if<Answered>(&attempt)) {
      return stop(*answered->reason, std::move(answered->why));
    }
    if (auto* why = std::get_if<Refused>(&attempt)) {
      if (why->reason != nullptr) return stop(*why->reason, std::move(why->why));
      return stop(trial.answering() != nullptr ? kRefused : kInvalid, std::move(why->why));
    }
    return stop(kMissing, "no credentials");
  }

  // Also those that nobody needed: a good one would be worth as much to the upstream.
  void remove_credentials(Exchange& x, const Trial& trial) const {
    for (const Method* method : methods_) {
      if (!is_forwarded_by_another(*method, trial)) method->remove_credential(x);
    }
  }

  [[nodiscard]] static bool is_forwarded_by_another(const Method& method, const Trial& trial) {
    const CredentialPlace* place = method.place();
    if (place == nullptr || std::ranges::find(trial.proved(), &method) != trial.proved().end()) {
      return false;
    }
    return std::ranges::any_of(trial.proved(), [place](const Method* proved) {
      return proved->forwards() && proved->place() != nullptr && *proved->place() == *place;
    });
  }

  [[nodiscard]] bool asks_for_metadata(const Exchange& x) const {
    return resource_ && x.request.path == resource_->path() &&
           (x.request.method_id == http::Method::get || x.request.method_id == http::Method::head);
  }

  void answer_metadata(Exchange& x) const {
    const std::string& document = resource_->document();
    x.response.headers.set(http::HeaderId::content_type, "application/json");
    x.response.headers.set(http::HeaderId::cache_control, "max-age=3600");
    x.response.content_length = document.size();
    x.response.body = new (x.arena.allocate(sizeof(http::BytesBody))) http::BytesBody(document);
  }

  const std::unique_ptr<const Requirement> requirement_;
  const Challenges challenges_;
  const std::optional<ProtectedResource> resource_;
  const std::unique_ptr<const UpstreamIdentity> upstream_;
  const std::vector<const Method*> methods_;        // of `requirement_`
  std::vector<const BrowserMethod*> for_browsers_;  // those of them that are for browsers
  std::vector<const Method*> completing_;           // those that add to answers
};

}  // namespace

PolicyType authenticate() {
  return define_policy<Authenticate, Config>({
      .name = "authenticate",
      .stage = Stage::authentication,
      .summary = "Finds out who is calling, and refuses those who do not prove it.",
      .fields = Config::fields(),
      .reasons = {kMissing, kInvalid, kRefused, kUnavailable, kDigestMismatch, kBodyTooLarge,
                  kNoRoomForBodies, kMetadata, login_reasons::kLogin, login_reasons::kLoggedIn,
                  login_reasons::kFailed, kCrossSite, login_reasons::kLogout,
                  login_reasons::kLoggedOut, login_reasons::kSessionsEnded,
                  login_reasons::kLogoutToken},
      .example = R"({"jwt": {"issuer": "https://login.example.com", "audience": "orders",
        "keys": {"inline": "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"2026-01\",\"x\":\"Xe83v0I58p6hIPk4aqVygU2lJHTjcGK9xphjt21y_W4\",\"y\":\"9lFYTtBmfBAVpRllMa_dUSDILtCTDFi0RLE6bx_Xduo\"}]}"}}})",
  });
}

}  // namespace sallyport::policies
