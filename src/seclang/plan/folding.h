// What a rule set does whatever the request is: rules that look at nothing but constants are run
// once, when the plan is made, and not again. Most of what sets up the Core Rule Set is of this
// kind, and so are the gates in front of its higher paranoia levels.
//
// A rule is left out only if everything it reads is known, nothing it writes was looked at before
// it by a rule that stays, and no rule that stays could have kept it from running.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "seclang/ruleset.h"

namespace sallyport::seclang {

struct Folding {
  struct Phase {
    std::vector<std::uint32_t> live;  // rules still to be run, by index, ascending
    std::vector<std::uint32_t> next;  // for every index up to the phase's size: the place in
                                      // `live` of the first one at or behind it
    // What rules that are not run would do to MATCHED_VARS. For every index up to the phase's size:
    // 1 + the last one before it that would not match, which empties it; 0: there is none.
    std::vector<std::uint32_t> cleared;
    // What those that would match would add to it: by index, ascending.
    struct Matched {
      std::uint32_t index;
      std::string name;  // of TX
      std::string text;
    };
    std::vector<Matched> matched;
    std::vector<std::uint32_t> matched_before;  // for every index up to the phase's size: how many
    // For every place in `live`: why the rule does not match, as an index into `rests`; kAwake: it
    // may.
    std::vector<std::uint32_t> rest;
  };
  static constexpr std::uint32_t kAwake = ~std::uint32_t{0};
  // A rule that looks at TX alone does not match as long as what it reads there is as it was at the
  // beginning; nor does one that looks at records of IP and the like which do not hold what it
  // reads.
  struct Rest {
    struct Read {
      Variable collection{};
      std::string name;
      std::size_t hash = 0;             // of the name
      std::optional<std::string> text;  // nothing: it is not there
      friend bool operator==(const Read&, const Read&) = default;
    };
    std::vector<Read> reads;
    bool any_name = false;  // it looks at names that a regular expression finds: no other may come
    friend bool operator==(const Rest&, const Rest&) = default;
  };
  std::vector<Rest> rests;
  std::array<Phase, 6> phases;
  std::vector<std::pair<std::string, std::string>> tx;  // what TX holds from the start
  std::size_t folded = 0;                               // rules that were run here
  // Names of TX, in lower case, that rules which are still run may write; and how such names begin.
  std::set<std::string> unknown;
  std::vector<std::string> unknown_prefixes;

  // The text with its macros replaced, if nothing that happens to a transaction changes it.
  [[nodiscard]] std::optional<std::string> constant(const Macro& macro) const;
};

[[nodiscard]] Folding fold(const RuleSet& rules);
// Every rule stays: what plain evaluation uses.
[[nodiscard]] Folding unfolded(const RuleSet& rules);

}  // namespace sallyport::seclang
