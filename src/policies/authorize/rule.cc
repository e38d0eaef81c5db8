// See rule.h.
#include "policies/authorize/rule.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "http/message.h"

namespace sallyport::policies::authorize_detail {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Ask::count_)> kNames = {
    "methods",
    "path",
    "a caller",
    "scopes",
    "any_scope",
    "roles",
    "groups",
    "consumers",
    "subjects",
    "issuers",
    "permissions",
    "strength",
    "methods_of_authentication",
    "networks",
    "claims",
    "when",
    "time"};

constexpr unsigned kAllMethods = 0xFFFF;

unsigned method_bits(const std::vector<std::string>& names) {
  if (names.empty()) return kAllMethods;
  unsigned bits = 0;
  for (const std::string& name : names) {
    const http::Method method = http::method_id(name);
    bits |= 1U << static_cast<unsigned>(method);
    if (method == http::Method::get) bits |= 1U << static_cast<unsigned>(http::Method::head);
  }
  return bits;
}

bool contains(const std::vector<std::string>& list, std::string_view one) {
  return std::ranges::find(list, one) != list.end();
}

bool has_any(std::span<const std::string_view> have, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(
      wanted, [have](const std::string& one) { return Identity::contains(have, one); });
}

bool has_all(std::span<const std::string_view> have, const std::vector<std::string>& wanted) {
  return std::ranges::all_of(
      wanted, [have](const std::string& one) { return Identity::contains(have, one); });
}

std::string challenge_for(const RuleSettings& rule) {
  std::string scopes;
  for (const auto* list : {&rule.scopes, &rule.any_scope}) {
    for (const std::string& scope : *list) scopes += (scopes.empty() ? "" : " ") + scope;
  }
  return R"( error="insufficient_scope", scope=")" + scopes + '"';
}

}  // namespace

std::string names_of(Asks asks) {
  std::string names;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if ((asks & bit_of(static_cast<Ask>(i))) == 0) continue;
    names += (names.empty() ? "" : ", ") + std::string(kNames.at(i));
  }
  return names;
}

Rule::Rule(RuleSettings settings, std::size_t number, std::vector<std::string> permitting)
    : settings_(std::move(settings)),
      name_(settings_.name ? "rule '" + *settings_.name + "'" : "rule " + std::to_string(number)),
      methods_(method_bits(settings_.methods)),
      permitting_(std::move(permitting)) {
  if (settings_.path) path_ = PathTemplate::parse(*settings_.path, nullptr).value();
  if (settings_.time) time_.emplace(*settings_.time);
  for (const auto& claim : settings_.claims) {
    claims_.emplace_back(ClaimPath::dotted(claim.name), claim.value.any);
  }
  for (const auto& [name, strength] : kStrengths) {
    if (settings_.strength == name) strength_ = strength;
  }
  auto ask = [this](Ask what, bool given) {
    if (given) given_ |= bit_of(what);
  };
  ask(Ask::methods, !settings_.methods.empty());
  ask(Ask::path, path_.has_value());
  ask(Ask::caller, !settings_.anyone);
  ask(Ask::scopes, !settings_.scopes.empty());
  ask(Ask::any_scope, !settings_.any_scope.empty());
  ask(Ask::roles, !settings_.roles.empty());
  ask(Ask::groups, !settings_.groups.empty());
  ask(Ask::consumers, !settings_.consumers.empty());
  ask(Ask::subjects, !settings_.subjects.empty());
  ask(Ask::issuers, !settings_.issuers.empty());
  ask(Ask::permissions, !settings_.permissions.empty());
  ask(Ask::strength, settings_.strength.has_value());
  ask(Ask::methods_of_authentication, !settings_.methods_of_authentication.empty());
  ask(Ask::networks, !settings_.networks.empty());
  ask(Ask::claims, !claims_.empty());
  ask(Ask::when, settings_.when.has_value());
  ask(Ask::time, time_.has_value());
  if ((given_ & kScopeAsks) != 0) challenge_ = challenge_for(settings_);
}

Asks Rule::missed(Facts& facts, Asks asks, bool first_only) const {
  // Without a path of its own `path.NAME` is the route's.
  if (!path_) (void)facts.fits(nullptr);
  Asks missed = 0;
  for (Asks left = asks; left != 0; left &= left - 1) {
    const Asks bit = left & (~left + 1);
    if (holds(static_cast<Ask>(std::countr_zero(left)), facts)) continue;
    missed |= bit;
    if (first_only) break;
  }
  return missed;
}

bool Rule::holds(Ask ask, Facts& facts) const {
  const Exchange& x = facts.exchange();
  switch (ask) {
    case Ask::methods: {
      const http::Method method = x.request.method_id;
      if (((methods_ >> static_cast<unsigned>(method)) & 1) == 0) return false;
      return method != http::Method::other || contains(settings_.methods, x.request.method);
    }
    case Ask::path:
      return facts.fits(&*path_);
    case Ask::caller:
      return facts.identity() != nullptr;
    case Ask::networks:
      return settings_.networks.contains(x.client.address);
    case Ask::when: {
      const Expression::Outcome outcome = settings_.when->expression->evaluate(facts);
      return outcome == Expression::Outcome::yes ||
             (outcome == Expression::Outcome::unclear && denies());
    }
    case Ask::time:
      return time_->contains(facts.unix_seconds());
    default:
      return facts.identity() != nullptr && holds_for(ask, *facts.identity());
  }
}

bool Rule::holds_for(Ask ask, const Identity& who) const {
  switch (ask) {
    case Ask::scopes:
      return has_all(who.scopes, settings_.scopes);
    case Ask::any_scope:
      return has_any(who.scopes, settings_.any_scope);
    case Ask::roles:
      return has_any(who.roles, settings_.roles);
    case Ask::groups:
      return has_any(who.groups, settings_.groups);
    case Ask::consumers:
      return contains(settings_.consumers, who.consumer);
    case Ask::subjects:
      return contains(settings_.subjects, who.subject);
    case Ask::issuers:
      return contains(settings_.issuers, who.issuer);
    case Ask::permissions:
      return has_any(who.roles, permitting_);
    case Ask::strength:
      return who.strength >= strength_;
    case Ask::methods_of_authentication:
      return contains(settings_.methods_of_authentication, who.method);
    case Ask::claims:
      return claims_hold(who);
    default:
      return false;
  }
}

bool Rule::claims_hold(const Identity& who) const {
  return std::ranges::all_of(claims_, [&who](const auto& wanted) {
    const Value value = value_of(wanted.first.find(who.claims));
    return std::ranges::any_of(wanted.second, [&value](const Scalar& one) {
      return compare(Comparison::contains, value, value_of(one));
    });
  });
}

}  // namespace sallyport::policies::authorize_detail
