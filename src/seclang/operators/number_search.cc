// ModSecurity searches again behind each byte, which costs the square of the value's length even
// where nothing is found. Here each place is tried once, or twice where it makes a difference.
#include "seclang/operators/number_search.h"

#include <utility>

namespace sallyport::seclang {
namespace {

bool report(std::string_view found, std::size_t offset, Evaluation& evaluation) {
  evaluation.groups.text[0] = found;
  evaluation.groups.count = 1;
  evaluation.offset = offset;
  evaluation.length = found.size();
  return true;
}

}  // namespace

NumberSearch::NumberSearch(Regex pattern, std::optional<Regex> at_start, Verify verify)
    : pattern_(std::move(pattern)), at_start_(std::move(at_start)), verify_(verify) {}

Made NumberSearch::make(const OperatorSource& source, Verify verify, Places places) {
  Regex::Options options{.match_limit = source.match_limit};
  auto pattern = Regex::compile(source.argument, options);
  if (!pattern) return std::unexpected(pattern.error());
  std::optional<Regex> at_start;
  if (places == Places::also_cut && !source.argument.empty()) {
    // Fails for patterns that begin with (*UTF) and the like, which then are searched as written.
    auto anchored = Regex::compile("\\A(?:" + std::string(source.argument) + ")", options);
    if (anchored) at_start = std::move(*anchored);
  }
  return std::unique_ptr<Operator>(
      new NumberSearch(std::move(*pattern), std::move(at_start), verify));  // private constructor
}

bool NumberSearch::evaluate(std::string_view value, Evaluation& evaluation) const {
  if (value.empty() || pattern_.pattern().empty()) return false;
  return search(value, evaluation) || search_cut(value, evaluation);
}

// Every match, also those that begin inside another. Of several numbers the first is reported.
bool NumberSearch::search(std::string_view value, Evaluation& evaluation) const {
  for (std::size_t from = 0; from < value.size();) {
    Groups match;
    Regex::Outcome outcome = pattern_.search(value, &match, from);
    if (outcome != Regex::Outcome::matched) {
      evaluation.limit_exceeded = outcome == Regex::Outcome::limit_exceeded;
      return false;
    }
    std::string_view found = match.text[0];
    auto begin = static_cast<std::size_t>(found.data() - value.data());
    if (verify_(found)) return report(found, begin, evaluation);
    from = begin + 1;
  }
  return false;
}

bool NumberSearch::search_cut(std::string_view value, Evaluation& evaluation) const {
  if (!at_start_) return false;
  for (std::size_t from = 1; from + 1 < value.size(); ++from) {
    Groups match;
    if (at_start_->search(value.substr(from), &match) != Regex::Outcome::matched) continue;
    if (verify_(match.text[0])) return report(match.text[0], from, evaluation);
  }
  return false;
}

}  // namespace sallyport::seclang
