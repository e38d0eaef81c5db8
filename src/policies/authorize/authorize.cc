// Decides what a caller may do, by the first rule that fits; what no rule fits is refused.
//
// Who is calling it takes from `Exchange::identity` alone: it never reads a credential itself.
// Details name rules and what they lacked, never a value of the caller's.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "policies/authorize/facts.h"
#include "policies/authorize/opa.h"
#include "policies/authorize/rule_set.h"
#include "policies/authorize/settings.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/registry.h"
#include "policy/shadow_decisions.h"

namespace sallyport::policies {
namespace {

using authorize_detail::Config;
using authorize_detail::Decision;
using authorize_detail::Explanation;
using authorize_detail::Facts;
using authorize_detail::Opa;
using authorize_detail::OpaDecision;
using authorize_detail::RuleSet;
using http::HeaderId;

constexpr Reason kDenied{"authorize.denied", 403, "You may not do this."};
constexpr Reason kUnauthenticated{"authorize.unauthenticated", 401,
                                  "Say who you are, and prove it."};
constexpr Reason kUndecided{"authorize.unavailable", 503,
                            "Whether you may do this cannot be found out at the moment.",
                            Blame::operations, true};
constexpr Reason kInsufficientScope{"authorize.insufficient_scope", 403,
                                    "Your credentials lack a scope that this needs."};

// A 401 says how to do better (RFC 9110 section 15.5.2).
void challenge_unauthenticated(Exchange& x) {
  http::Headers& headers = x.response.headers;
  if (x.reason != nullptr && x.reason->code == kUnauthenticated.code &&
      !headers.maybe_has(HeaderId::www_authenticate)) {
    headers.add(HeaderId::www_authenticate, "Bearer");
  }
}

// Decided by another service.
class AuthorizeByOpa final : public Policy {
 public:
  explicit AuthorizeByOpa(std::unique_ptr<const Opa> opa) : opa_(std::move(opa)) {}

  Task<Verdict> on_request(Exchange& x) const override {
    Task<OpaDecision> deciding = opa_->decide(x);
    OpaDecision decision = co_await deciding;
    switch (decision.kind) {
      case OpaDecision::Kind::allowed:
        co_return pass();
      case OpaDecision::Kind::denied:
        co_return stop(x.identity ? kDenied : kUnauthenticated, std::move(decision.detail));
      case OpaDecision::Kind::undecided:
        break;
    }
    co_return stop(kUndecided, std::move(decision.detail));
  }

  Task<Verdict> on_response(Exchange& x) const override {
    challenge_unauthenticated(x);
    return pass();
  }

 private:
  const std::unique_ptr<const Opa> opa_;
};

class Authorize final : public Policy {
 public:
  static std::shared_ptr<const Policy> make(Config config, const schema::Node& /*block*/,
                                            schema::Context& context) {
    const std::size_t errors = context.diagnostics().errors();
    if (config.opa) {
      auto opa = Opa::make(*config.opa, context);
      return opa != nullptr ? std::make_shared<const AuthorizeByOpa>(std::move(opa)) : nullptr;
    }
    RuleSet rules(std::move(config.rules), config.roles, context.diagnostics());
    std::optional<RuleSet> shadow;
    if (!config.shadow.empty()) {
      shadow.emplace(std::move(config.shadow), config.roles, context.diagnostics());
    }
    if (context.diagnostics().errors() != errors) return nullptr;
    return std::make_shared<const Authorize>(std::move(rules), std::move(shadow));
  }

  Authorize(RuleSet rules, std::optional<RuleSet> shadow)
      : rules_(std::move(rules)), shadow_(std::move(shadow)) {}

  Task<Verdict> on_request(Exchange& x) const override {
    Facts facts(x);
    const Decision decision = rules_.decide(facts);
    std::string shadow_note;
    if (shadow_) shadow_note = compare_with_shadow(facts, decision);
    if (decision.allows()) return pass();
    return refuse(facts, decision, shadow_note);
  }

  // Challenges (RFC 9110 15.5.2, RFC 6750 3) on its own refusals only.
  Task<Verdict> on_response(Exchange& x) const override {
    if (x.reason == nullptr) return pass();
    http::Headers& headers = x.response.headers;
    challenge_unauthenticated(x);
    const Refused* refused = x.slot_if<Refused>(this);
    // Another token would help; where none was used, nothing would.
    if (refused != nullptr && x.reason->code == kInsufficientScope.code && x.identity &&
        !x.identity->scheme.empty()) {
      std::string challenge(x.identity->scheme);
      challenge += refused->challenge;
      headers.add(HeaderId::www_authenticate, x.arena.copy(challenge));
    }
    return pass();
  }

 private:
  struct Refused {
    std::string_view challenge;  // parameters; the rule's, which lives as long as the policy
  };

  [[nodiscard]] std::unexpected<Stop> refuse(Facts& facts, const Decision& decision,
                                             const std::string& shadow_note) const {
    const Explanation why = rules_.explain(facts, decision);
    if (why.kind == Explanation::Kind::lacks_scope) {
      facts.exchange().slot<Refused>(this).challenge = why.rule->challenge();
    }
    return stop(reason_of(why.kind), why.detail + shadow_note);
  }

  static const Reason& reason_of(Explanation::Kind kind) {
    switch (kind) {
      case Explanation::Kind::no_caller:
        return kUnauthenticated;
      case Explanation::Kind::lacks_scope:
        return kInsufficientScope;
      case Explanation::Kind::denied:
        break;
    }
    return kDenied;
  }

  // Counts, and puts what would be refused on the trail, as what a policy in monitor mode says.
  // Returns what to add to the detail of a refusal.
  [[nodiscard]] std::string compare_with_shadow(Facts& facts, const Decision& decision) const {
    const Decision other = shadow_->decide(facts);
    const ShadowDecision result = other.allows() == decision.allows() ? ShadowDecision::same
                                  : other.allows()                    ? ShadowDecision::would_allow
                                                   : ShadowDecision::would_refuse;
    if (!facts.exchange().rehearsal) ShadowDecisions::of_process().count(result);
    if (result == ShadowDecision::same) return {};
    if (result == ShadowDecision::would_allow) {
      return "; shadow: " + other.rule->name() + " would allow it";
    }
    Exchange& x = facts.exchange();
    const Explanation why = shadow_->explain(facts, other);
    x.trail.add({.reason = &reason_of(why.kind),
                 .detail = x.arena.copy("shadow: " + why.detail),
                 .policy = x.asked.index,
                 .phase = Phase::request,
                 .outcome = Outcome::monitored});
    return {};
  }

  const RuleSet rules_;
  const std::optional<RuleSet> shadow_;
};

}  // namespace

PolicyType authorize() {
  return define_policy<Authorize, Config>({
      .name = "authorize",
      .stage = Stage::authorization,
      .summary = "Decides what a caller may do: the first rule that fits does; where none fits, "
                 "the request is refused.",
      .fields = authorize_detail::fields(),
      .reasons = {kDenied, kUnauthenticated, kInsufficientScope, kUndecided},
      .example = R"({"rules": [{"methods": ["GET"], "scopes": ["orders:read"]}, )"
                 R"({"methods": ["DELETE"], "roles": ["admin"]}, )"
                 R"({"path": "/orders/{id}", "when": "claims.sub == path.id"}]})",
  });
}

}  // namespace sallyport::policies
