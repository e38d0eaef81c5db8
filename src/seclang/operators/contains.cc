// @contains: the argument stands somewhere in the value.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class Contains final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    std::size_t at = value.find(evaluation.argument);
    if (at == std::string_view::npos) return false;
    evaluation.offset = at;
    evaluation.length = evaluation.argument.size();
    return true;
  }
};

}  // namespace

Made make_contains(const OperatorSource& /*source*/) { return std::make_unique<Contains>(); }

}  // namespace sallyport::seclang
