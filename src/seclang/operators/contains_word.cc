// @containsWord: the argument stands in the value with no letter beside it. Digits and underscores
// do not make a word longer.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

bool letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

class ContainsWord final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    std::string_view word = evaluation.argument;
    if (word.empty()) return true;
    for (std::size_t at = value.find(word); at != std::string_view::npos;
         at = value.find(word, at + 1)) {
      std::size_t end = at + word.size();
      if ((at > 0 && letter(value[at - 1])) || (end < value.size() && letter(value[end]))) continue;
      evaluation.offset = at;
      evaluation.length = word.size();
      return true;
    }
    return false;
  }
};

}  // namespace

Made make_contains_word(const OperatorSource& /*source*/) {
  return std::make_unique<ContainsWord>();
}

}  // namespace sallyport::seclang
