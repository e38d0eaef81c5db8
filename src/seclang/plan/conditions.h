// What must be so about some text of a request before a rule can match: found out of the rule
// alone, so that a look at the texts tells which rules need to be evaluated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "seclang/plan/alphabet.h"
#include "seclang/plan/folding.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

// When the texts of a target are known for good, for the rules of this phase and those behind it.
enum class Station : std::uint8_t { head = 1, body, response_head, response_body };
// Nullopt: rules change it, or something else than the exchange decides it.
[[nodiscard]] std::optional<Station> station_of(const Target& target);

// One value at least that one target of this link stands for, transformed as the link says, must
// make its operator come out as the link wants it.
struct Condition {
  struct Pattern {
    std::string text;
    bool caseless = false;
    std::size_t size = 0;  // of the tree it was read as
  };
  const Link* link = nullptr;
  // For the operator: its argument, macros replaced, which are constants.
  std::string argument;
  // One of these stands in the value, for values of each alphabet; else the operator must be asked.
  bool by_patterns = false;
  std::array<std::vector<Pattern>, kTiers> patterns;
};

// Whether some rule looks at HIGHEST_SEVERITY, which links change that match in a chain that does
// not.
[[nodiscard]] bool reads_severity(const RuleSet& rules);

// All must hold before the rule can match. None: it must be evaluated whatever the texts are.
// `severity_is_read`: see above.
[[nodiscard]] std::vector<Condition> conditions_of(const Rule& rule, const Folding& folding,
                                                   bool severity_is_read);

}  // namespace sallyport::seclang
