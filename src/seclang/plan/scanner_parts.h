// What a scanner is made of. Private to this folder.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
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
    // Of these rules only, for texts of the last cheap tier and of the ones behind it.
    std::array<std::shared_ptr<const Database>, kTiers - kCheapTiers + 1> own;

    [[nodiscard]] const Database& own_of(std::size_t tier) const {
      return *own.at(std::max(tier, kCheapTiers - 1) - (kCheapTiers - 1));
    }
  };
  std::vector<Step> steps = std::vector<Step>(1);
  std::array<std::shared_ptr<const Database>, kTiers> tiers;
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
  std::array<std::vector<std::uint64_t>, 5> wanted;  // rules that look at it by patterns, by phase
  std::vector<Question> questions;

  [[nodiscard]] bool one_of_many() const {
    return !target.count && kind_of(target.variable) == VariableKind::collection;
  }
  [[nodiscard]] bool wants(RuleRef rule) const {
    const std::vector<std::uint64_t>& words = wanted.at(rule.phase);
    return rule.place / 64 < words.size() && has_bit(words, rule.place);
  }
};

// While a scanner is made: which sources the values of a target come from. They are made when they
// are asked for first.
class Scanner::Sources {
 public:
  explicit Sources(Scanner& scanner) : scanner_(scanner) {}

  // For every target before the first `of`: each header that a rule names is a source of its own,
  // for the rules that look at all headers too.
  void meet(const Target& target);
  // By index.
  [[nodiscard]] std::vector<std::uint32_t> of(const Target& target);

 private:
  std::uint32_t make(Target target);
  std::uint32_t all_of(std::uint32_t& index, Variable variable);
  std::vector<std::uint32_t> headers(const Target& target, Fields& fields, Named& named);
  std::uint32_t other(const Target& target);

  Scanner& scanner_;
};

}  // namespace sallyport::seclang
