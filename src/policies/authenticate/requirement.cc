#include "policies/authenticate/requirement.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "policies/authenticate/consumer/api_key.h"
#include "policies/authenticate/consumer/basic.h"
#include "policies/authenticate/consumer/mtls.h"
#include "policies/authenticate/external/external_auth.h"
#include "policies/authenticate/login/oidc_login.h"
#include "policies/authenticate/signature/hmac.h"
#include "policies/authenticate/signature/http_signature.h"
#include "policies/authenticate/token/introspection.h"
#include "policies/authenticate/token/jwt.h"

namespace sallyport::policies::authenticate_detail {
namespace {

std::unique_ptr<const Method> make_method(const MethodSettings& settings,
                                          schema::Context& context) {
  if (settings.api_key) return make_api_key(*settings.api_key, context);
  if (settings.basic) return make_basic(*settings.basic, context);
  if (settings.mtls) return make_mtls(*settings.mtls, context);
  if (settings.http_signature) return make_http_signature(*settings.http_signature, context);
  if (settings.hmac) return make_hmac(*settings.hmac, context);
  if (settings.external_auth) return make_external_auth(*settings.external_auth, context);
  if (settings.oauth2_introspection)
    return make_introspection(*settings.oauth2_introspection, context);
  if (settings.oidc_login) return make_oidc_login(*settings.oidc_login, context);
  return make_jwt(*settings.jwt, context);
}

// Whether both name somebody, and not the same.
bool differ(std::string_view one, std::string_view other) {
  return !one.empty() && !other.empty() && one != other;
}

}  // namespace

const Trial::Refusal* Trial::refusal_of(const Method& method) const {
  const auto* end = refused_.data() + refused_count_;
  const auto* found = std::find_if(refused_.data(), end,
                                   [&](const Refusal& each) { return each.method == &method; });
  return found != end ? found : nullptr;
}

const Method* Trial::answering() const {
  const auto* end = refused_.data() + refused_count_;
  const auto* found =
      std::find_if(refused_.data(), end, [](const Refusal& each) { return each.answers; });
  return found != end ? found->method : nullptr;
}

std::string_view combine(Identity& one, Identity other, Arena& arena) {
  if (differ(one.consumer, other.consumer)) {
    return "what has to be proven together names different consumers";
  }
  // Two methods of the gateway's own call the same caller differently: by name, by certificate.
  const bool same_words =
      one.issuer == other.issuer && (!one.issuer.empty() || one.method == other.method);
  if (same_words && differ(one.subject, other.subject)) {
    return "what has to be proven together names different subjects";
  }
  // The text may belong to the identity that is left behind.
  const std::string_view consumer =
      arena.copy(one.consumer.empty() ? other.consumer : one.consumer);
  const Strength strength = std::max(one.strength, other.strength);
  if (!one.claims && other.claims) one = std::move(other);
  one.consumer = consumer;
  one.strength = strength;
  return {};
}

std::unique_ptr<const Requirement> Requirement::make(const schema::Marked<MethodSettings>& settings,
                                                     schema::Context& context) {
  const MethodSettings& given = settings.value;
  const bool any = !given.any.empty();
  if (!any && given.all.empty()) {
    std::unique_ptr<Requirement> requirement(new Requirement(Kind::method));
    requirement->method_ = make_method(given, context);
    return requirement->method_ != nullptr ? std::move(requirement) : nullptr;
  }
  std::unique_ptr<Requirement> requirement(new Requirement(any ? Kind::any : Kind::all));
  bool good = true;
  for (const schema::Marked<MethodSettings>& each : any ? given.any : given.all) {
    requirement->parts_.push_back(make(each, context));
    good = good && requirement->parts_.back() != nullptr;
  }
  return good ? std::move(requirement) : nullptr;
}

void Requirement::append_methods(std::vector<const Method*>& to) const {
  if (method_ != nullptr) to.push_back(method_.get());
  for (const auto& part : parts_) part->append_methods(to);
}

Task<Attempt> Requirement::prove(Exchange& x, Trial& trial) const {
  if (kind_ == Kind::any) return any_of(x, trial);
  if (kind_ == Kind::all) return all_of(x, trial);
  Task<Attempt> asked = method_->prove(x);
  if (!asked.ready()) return waited(std::move(asked), trial);
  return noted(asked.await_resume(), trial);
}

Task<Attempt> Requirement::waited(Task<Attempt> asked, Trial& trial) const {
  Attempt attempt = co_await asked;
  co_return noted(std::move(attempt), trial);
}

Attempt Requirement::noted(Attempt attempt, Trial& trial) const {
  if (std::holds_alternative<Identity>(attempt)) {
    trial.prove(*method_);
  } else if (const auto* refused = std::get_if<Refused>(&attempt)) {
    trial.refuse({.method = method_.get(),
                  .error = refused->error,
                  .scheme = refused->scheme,
                  .answers = refused->answers});
  }
  return attempt;
}

// The first that proves it counts; one that refuses may be for callers of another kind.
Task<Attempt> Requirement::any_of(Exchange& x, Trial& trial) const {
  std::string whys;
  bool present = false;
  bool unavailable = false;
  const Reason* reason = nullptr;
  for (const auto& part : parts_) {
    const std::size_t mark = trial.mark();
    Task<Attempt> asked = part->prove(x, trial);
    Attempt attempt = co_await asked;
    if (std::holds_alternative<Identity>(attempt)) co_return attempt;
    trial.forget_proved_since(mark);
    const std::string* why = nullptr;
    if (const auto* refused = std::get_if<Refused>(&attempt)) {
      present = true;
      why = &refused->why;
      if (reason == nullptr) reason = refused->reason;
    } else if (const auto* missing = std::get_if<Unavailable>(&attempt)) {
      unavailable = true;
      why = &missing->why;
    }
    if (why != nullptr) whys += (whys.empty() ? "" : "; ") + *why;
  }
  if (unavailable) co_return Unavailable{std::move(whys)};
  if (present) co_return Refused{.why = std::move(whys), .reason = reason};
  co_return Absent{};
}

Task<Attempt> Requirement::all_of(Exchange& x, Trial& trial) const {
  std::optional<Identity> who;
  for (const auto& part : parts_) {
    Task<Attempt> asked = part->prove(x, trial);
    Attempt attempt = co_await asked;
    auto* identity = std::get_if<Identity>(&attempt);
    if (identity == nullptr) co_return attempt;
    if (!who) {
      who = std::move(*identity);
      continue;
    }
    const std::string_view fault = combine(*who, std::move(*identity), x.arena);
    if (!fault.empty()) co_return Refused{std::string(fault)};
  }
  co_return *std::move(who);
}

}  // namespace sallyport::policies::authenticate_detail
