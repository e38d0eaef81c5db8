// Which rules of a list may fit a request, so that the others are never looked at.
//
// Every rule stands under one of the things it cannot do without: a literal segment of its path, a
// scope, a role, a consumer and so on, whichever the fewest rules share. A request looks up what it
// has of these. Hashes stand for texts: two that collide only cost a look.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/authorize/facts.h"
#include "policies/authorize/rule.h"

namespace sallyport::policies::authorize_detail {

using RuleNumber = std::uint32_t;  // position in the list

// What rules stand under. Segments are counted from the first.
enum class KeyKind : std::uint8_t {
  segment_0,
  segment_1,
  segment_2,
  segment_3,
  scope,
  role,
  group,
  consumer,
  subject,
  issuer,
  nothing,
  count_,
};

// Immutable. Sorted lists of rules, one for each key and method.
class RuleIndex {
 public:
  RuleIndex() = default;
  // Of `members`, in order. `by_caller`: callers are known too, not only requests.
  RuleIndex(std::span<const Rule> rules, const std::vector<RuleNumber>& members, bool by_caller);

  // Calls `look(number)` for each rule that may fit, in order, until it returns true.
  template <typename Look>
  void each(const Facts& facts, const Look& look) const {
    Candidates candidates;
    if (!collect(facts, candidates)) {
      for (RuleNumber number : members_) {
        if (look(number)) return;
      }
      return;
    }
    while (const std::optional<RuleNumber> number = candidates.next()) {
      if (look(*number)) return;
    }
  }

 private:
  using List = std::span<const RuleNumber>;  // not empty while a candidate

  // Lists being merged. More than fit: a caller with very many scopes, whose rules are all looked
  // at instead.
  struct Candidates {
    std::array<List, 24> lists;
    std::size_t count = 0;
    [[nodiscard]] std::optional<RuleNumber> next();
  };

  struct Bucket {
    std::uint64_t hash = 0;
    std::uint32_t begin = 0;
    std::uint32_t size = 0;  // 0: a free place
  };

  void insert(std::uint64_t hash, std::span<const RuleNumber> numbers);
  [[nodiscard]] List find(std::uint64_t hash) const;
  [[nodiscard]] bool collect(const Facts& facts, Candidates& out) const;

  std::vector<RuleNumber> members_;
  std::vector<RuleNumber> numbers_;
  std::vector<Bucket> buckets_;  // open addressing, a power of two, at most half full
  std::uint32_t kinds_ = 0;      // those in use
};

}  // namespace sallyport::policies::authorize_detail
