// @endsWith: the value ends with the argument; every value ends with an empty one.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class EndsWith final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    if (!value.ends_with(evaluation.argument)) return false;
    evaluation.offset = value.size() - evaluation.argument.size();
    evaluation.length = evaluation.argument.size();
    return true;
  }
};

}  // namespace

Made make_ends_with(const OperatorSource& /*source*/) { return std::make_unique<EndsWith>(); }

}  // namespace sallyport::seclang
