// @beginsWith: the value begins with the argument; every value begins with an empty one.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class BeginsWith final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    if (!value.starts_with(evaluation.argument)) return false;
    evaluation.offset = 0;
    evaluation.length = evaluation.argument.size();
    return true;
  }
};

}  // namespace

Made make_begins_with(const OperatorSource& /*source*/) { return std::make_unique<BeginsWith>(); }

}  // namespace sallyport::seclang
