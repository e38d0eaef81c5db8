// @streq: the value is the argument, byte for byte.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class StrEq final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    return value == evaluation.argument;
  }
};

}  // namespace

Made make_streq(const OperatorSource& /*source*/) { return std::make_unique<StrEq>(); }

}  // namespace sallyport::seclang
