// @rx: the regular expression finds something in the value. Captures the match and its groups.
#include "seclang/operators/factories.h"
#include "seclang/operators/patterns.h"

namespace sallyport::seclang {
namespace {

class Rx final : public Operator {
 public:
  explicit Rx(Pattern pattern) : pattern_(std::move(pattern)) {}

  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    if (pattern_.matches_all()) return true;
    const Regex* regex = pattern_.get(evaluation);
    if (regex == nullptr) return false;
    if (value.data() == nullptr) value = "";  // so that even an empty match has an address
    Regex::Outcome outcome = regex->search(value, &evaluation.groups);
    evaluation.limit_exceeded = outcome == Regex::Outcome::limit_exceeded;
    if (outcome != Regex::Outcome::matched) return false;
    std::string_view match = evaluation.groups.text[0];
    evaluation.offset = static_cast<std::size_t>(match.data() - value.data());
    evaluation.length = match.size();
    return true;
  }

 private:
  Pattern pattern_;
};

}  // namespace

Made make_rx(const OperatorSource& source) {
  auto pattern = Pattern::make(source);
  if (!pattern) return std::unexpected(pattern.error());
  return std::make_unique<Rx>(std::move(*pattern));
}

}  // namespace sallyport::seclang
