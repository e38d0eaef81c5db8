// Finds out who is calling, by any of several ways, and refuses those who do not prove it.
//
// What was proven stands in `Exchange::identity`, and later policies read only that. The credential
// is taken out of the request: an upstream that gets it could pretend to be the caller.
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
#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/protected_resource.h"
#include "policies/authenticate/settings.h"
#include "policies/authenticate/signature/hmac.h"
#include "policies/authenticate/signature/http_signature.h"
#include "policies/authenticate/upstream_identity.h"
#include "policies/authenticate/way.h"
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
    std::unique_ptr<const Way> way =
        Way::make({.value = std::move(config.method), .where = context.where(block)}, context);
    std::unique_ptr<const UpstreamIdentity> upstream;
    if (config.identity) {
      upstream = UpstreamIdentity::make(*config.identity, context);
      if (upstream == nullptr) return nullptr;
    }
    if (way == nullptr) return nullptr;
    std::vector<const Method*> methods;
    way->append_methods(methods);
    if (methods.size() > Trial::kMost) {
      context.error(block, "has " + std::to_string(methods.size()) + " methods; up to " +
                               std::to_string(Trial::kMost) + " are asked");
      return nullptr;
    }
    std::optional<ProtectedResource> resource;
    if (config.resource) resource.emplace(config.resource->value, methods);
    Challenges challenges(methods, config.realm.value_or(""), resource ? resource->url() : "");
    return std::make_shared<Authenticate>(std::move(way), std::move(challenges),
                                          std::move(resource), std::move(upstream), methods);
  }

  Authenticate(std::unique_ptr<const Way> way, Challenges challenges,
               std::optional<ProtectedResource> resource,
               std::unique_ptr<const UpstreamIdentity> upstream,
               std::span<const Method* const> methods)
      : way_(std::move(way)),
        challenges_(std::move(challenges)),
        resource_(std::move(resource)),
        upstream_(std::move(upstream)) {
    for (const Method* method : methods) {
      if (!method->own_paths().empty()) for_browsers_.push_back(method);
      if (method->completes()) completing_.push_back(method);
    }
  }

  Task<Verdict> on_request(Exchange& x) const override {
    if (asks_for_metadata(x)) return stop(kMetadata);
    Trial& trial = *new (x.arena.allocate(sizeof(Trial))) Trial;
    for (const Method* method : for_browsers_) {
      if (method->serves(x)) return decided_later(x, trial, method->serve(x));
    }
    Task<Attempt> asked = way_->prove(x, trial);
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
    for (const Method* method : for_browsers_) {
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
    for (const Method* method : for_browsers_) {
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
      for (const Method* method : trial.proved()) method->remove_credential(x);
      for (const Method* method : for_browsers_) method->remove_credential(x);
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

  const std::unique_ptr<const Way> way_;
  const Challenges challenges_;
  const std::optional<ProtectedResource> resource_;
  const std::unique_ptr<const UpstreamIdentity> upstream_;
  // Of `way_`.
  std::vector<const Method*> for_browsers_;
  std::vector<const Method*> completing_;
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
                  login_reasons::kFailed, login_reasons::kCrossSite, login_reasons::kLogout,
                  login_reasons::kLoggedOut, login_reasons::kSessionsEnded,
                  login_reasons::kLogoutToken},
      .example = R"({"jwt": {"issuer": "https://login.example.com", "audience": "orders",
        "keys": {"inline": "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"2026-01\",\"x\":\"Xe83v0I58p6hIPk4aqVygU2lJHTjcGK9xphjt21y_W4\",\"y\":\"9lFYTtBmfBAVpRllMa_dUSDILtCTDFi0RLE6bx_Xduo\"}]}"}}})",
  });
}

}  // namespace sallyport::policies
