// A list of rules, and what it decides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/authorize/facts.h"
#include "policies/authorize/rule.h"
#include "policies/authorize/rule_index.h"
#include "policies/authorize/settings.h"
#include "schema/context.h"

namespace sallyport::policies::authorize_detail {

// What a rule set says about a request: the rule that decided, or null where none fits.
struct Decision {
  const Rule* rule = nullptr;
  [[nodiscard]] bool allows() const { return rule != nullptr && !rule->denies(); }
};

// Why nothing lets a request through.
struct Explanation {
  enum class Kind : std::uint8_t {
    denied,
    no_caller,    // nobody has proven to be someone
    lacks_scope,  // `rule` would fit, were it not for scopes
  };
  Kind kind = Kind::denied;
  const Rule* rule = nullptr;  // the nearest one; may be null
  std::string detail;
};

// Immutable.
class RuleSet {
 public:
  using Roles = schema::NamedList<std::vector<std::string>>;

  // Reports permissions that no role grants.
  RuleSet(std::vector<RuleSettings> rules, const Roles& roles, schema::Diagnostics& diagnostics);

  // The first rule that fits decides. Takes no memory.
  [[nodiscard]] Decision decide(Facts& facts) const;
  // The same without the index: each rule in turn.
  [[nodiscard]] Decision decide_in_order(Facts& facts) const;

  // About a request that `decision` does not let through.
  [[nodiscard]] Explanation explain(Facts& facts, const Decision& decision) const;

 private:
  [[nodiscard]] Explanation explain_without_rule(Facts& facts) const;

  std::vector<Rule> rules_;
  RuleIndex all_;
  RuleIndex anyone_;    // rules that fit unknown callers too
  RuleIndex requests_;  // rules that let requests through, whoever calls
};

// Whether "orders:*" grants "orders:read". "*" alone grants everything.
[[nodiscard]] bool grants(std::string_view granted, std::string_view permission);

}  // namespace sallyport::policies::authorize_detail
