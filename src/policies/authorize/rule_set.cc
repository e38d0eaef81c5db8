// See rule_set.h.
#include "policies/authorize/rule_set.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sallyport::policies::authorize_detail {
namespace {

std::vector<std::string> roles_with(const std::string& permission, const RuleSet::Roles& roles) {
  std::vector<std::string> names;
  for (const auto& role : roles) {
    auto does = [&permission](const std::string& granted) { return grants(granted, permission); };
    if (std::ranges::any_of(role.value, does)) names.push_back(role.name);
  }
  return names;
}

// Names of roles that grant one of the permissions.
std::vector<std::string> permitting(const RuleSettings& rule, const RuleSet::Roles& roles,
                                    schema::Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const auto& permission : rule.permissions) {
    std::vector<std::string> granting = roles_with(permission.value, roles);
    if (granting.empty()) {
      diagnostics.error(permission.where, "no role grants '" + permission.value + "'",
                        "Say under `roles`, beside `rules`, which roles do.",
                        schema::code::kUnknownName);
    }
    names.insert(names.end(), granting.begin(), granting.end());
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

template <typename Wanted>
std::vector<RuleNumber> numbers_of(const std::vector<Rule>& rules, const Wanted& wanted) {
  std::vector<RuleNumber> numbers;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (wanted(rules[i])) numbers.push_back(static_cast<RuleNumber>(i));
  }
  return numbers;
}

}  // namespace

bool grants(std::string_view granted, std::string_view permission) {
  if (!granted.ends_with('*')) return granted == permission;
  return permission.starts_with(granted.substr(0, granted.size() - 1));
}

RuleSet::RuleSet(std::vector<RuleSettings> rules, const Roles& roles,
                 schema::Diagnostics& diagnostics) {
  rules_.reserve(rules.size());
  for (RuleSettings& rule : rules) {
    std::vector<std::string> names = permitting(rule, roles, diagnostics);
    rules_.emplace_back(std::move(rule), rules_.size() + 1, std::move(names));
  }
  auto any = [](const Rule& /*rule*/) { return true; };
  auto for_anyone = [](const Rule& rule) { return rule.is_for_anyone(); };
  auto opens = [](const Rule& rule) { return !rule.denies(); };
  all_ = RuleIndex(rules_, numbers_of(rules_, any), true);
  anyone_ = RuleIndex(rules_, numbers_of(rules_, for_anyone), false);
  requests_ = RuleIndex(rules_, numbers_of(rules_, opens), false);
}

Decision RuleSet::decide(Facts& facts) const {
  Decision decision;
  const RuleIndex& index = facts.identity() != nullptr ? all_ : anyone_;
  index.each(facts, [&](RuleNumber number) {
    if (rules_[number].fits(facts)) decision.rule = &rules_[number];
    return decision.rule != nullptr;
  });
  return decision;
}

Decision RuleSet::decide_in_order(Facts& facts) const {
  for (const Rule& rule : rules_) {
    if (rule.fits(facts)) return {.rule = &rule};
  }
  return {};
}

Explanation RuleSet::explain(Facts& facts, const Decision& decision) const {
  if (decision.rule == nullptr) return explain_without_rule(facts);
  return {.kind = Explanation::Kind::denied,
          .rule = decision.rule,
          .detail = decision.rule->name() + " denies it"};
}

Explanation RuleSet::explain_without_rule(Facts& facts) const {
  if (facts.identity() == nullptr) {
    return {.kind = Explanation::Kind::no_caller,
            .rule = nullptr,
            .detail = "nobody has proven to be someone, and no rule is for anyone here"};
  }
  Explanation found;
  Asks nearest = 0;
  requests_.each(facts, [&](RuleNumber number) {
    const Rule& rule = rules_[number];
    if (!rule.fits(facts, kRequestAsks)) return false;
    const Asks missed = rule.missed(facts);
    if ((missed & ~kScopeAsks) == 0) {
      found.kind = Explanation::Kind::lacks_scope;
    } else if (found.rule != nullptr && std::popcount(missed) >= std::popcount(nearest)) {
      return false;
    }
    nearest = missed;
    found.rule = &rule;
    return found.kind == Explanation::Kind::lacks_scope;
  });
  found.detail = found.rule == nullptr
                     ? "no rule is about this method and path"
                     : "no rule fits; " + found.rule->name() + " lacks " + names_of(nearest);
  return found;
}

}  // namespace sallyport::policies::authorize_detail
