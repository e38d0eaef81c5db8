// What a scanner is made of. Private to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "seclang/plan/conditions.h"
#include "seclang/plan/databases.h"
#include "seclang/plan/scanner.h"

namespace sallyport::seclang {

// Tiers below this one are cheap to scan.
inline constexpr std::size_t kCheapTiers = 3;

// The patterns of all rules that look at texts of one kind.
struct Scanner::Group {
  // The transformations of all its rules as a tree; [0] is the text itself.
  struct Step {
    const Transformation* transformation = nullptr;
    std::vector<std::uint32_t> children;
    bool wanted = false;         // a rule looks at this result
    std::vector<RuleRef> rules;  // which do, in order of phase and place
    Database own;                // of these rules only, over all bytes
    Database own_cheap;          // and over those of the cheap tiers
  };
  std::vector<Step> steps = std::vector<Step>(1);
  std::array<Database, kTiers> tiers;
};

// An operator that is asked about a text itself, as no pattern stands for it.
struct Scanner::Question {
  RuleRef rule{};
  const Link* link = nullptr;
  std::string argument;
};

// Where texts come from: a variable, or the values of one header.
struct Scanner::Source {
  Target target;
  Station station = Station::head;
  std::vector<std::uint32_t> groups;
  std::vector<Question> questions;
};

template <typename Each>
void Scanner::for_each_database(Each each) const {
  for (const Group& group : groups_) {
    for (const Database& tier : group.tiers) each(tier);
    for (const Group::Step& step : group.steps) {
      each(step.own);
      each(step.own_cheap);
    }
  }
}

}  // namespace sallyport::seclang
