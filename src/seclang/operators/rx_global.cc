// @rxGlobal: as @rx, but goes on behind each match. What all the matches captured is numbered
// through: with two groups the second match is TX.3. Behind an empty match the search goes on one
// byte further, so a longer match at the same place (a*?b?) is not captured as in ModSecurity.
#include <algorithm>

#include "seclang/operators/factories.h"
#include "seclang/operators/patterns.h"

namespace sallyport::seclang {
namespace {

class RxGlobal final : public Operator {
 public:
  explicit RxGlobal(Pattern pattern) : pattern_(std::move(pattern)) {}

  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    if (pattern_.matches_all()) return true;
    const Regex* regex = pattern_.get(evaluation);
    if (regex == nullptr) return false;
    if (value.data() == nullptr) value = "";  // so that groups have an address, empty or not

    bool found = false;
    std::size_t captured = 0;
    for (std::size_t from = 0; from <= value.size();) {
      Groups match;
      Regex::Outcome outcome = regex->search(value, &match, from);
      if (outcome == Regex::Outcome::limit_exceeded) {
        evaluation.limit_exceeded = true;
        return false;
      }
      if (outcome == Regex::Outcome::not_matched) break;
      auto begin = static_cast<std::size_t>(match.text[0].data() - value.data());
      if (!found) {
        evaluation.offset = begin;
        evaluation.length = match.text[0].size();
      }
      found = true;
      captured = append(match, captured, evaluation.groups);
      // With no room for more groups, and no other verdict to come, the rest is of no interest.
      if (captured >= Groups::kMost) break;
      from = begin + std::max<std::size_t>(match.text[0].size(), 1);
    }
    return found;
  }

 private:
  // A group that took no part leaves its number to the next match.
  static std::size_t append(const Groups& match, std::size_t captured, Groups& into) {
    std::size_t took_part = 0;
    for (std::size_t i = 0; i < match.count; ++i) {
      if (match.text[i].data() == nullptr) continue;
      ++took_part;
      if (captured + i >= Groups::kMost) continue;
      into.text[captured + i] = match.text[i];
      into.count = std::max(into.count, captured + i + 1);
    }
    return captured + took_part;
  }

  Pattern pattern_;
};

}  // namespace

Made make_rx_global(const OperatorSource& source) {
  auto pattern = Pattern::make(source);
  if (!pattern) return std::unexpected(pattern.error());
  return std::make_unique<RxGlobal>(std::move(*pattern));
}

}  // namespace sallyport::seclang
