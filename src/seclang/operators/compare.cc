// @eq, @ge, @gt, @le, @lt: value and argument as numbers.
//
// @eq reads 32 bits and takes what does not fit for 0; the others read 64 bits and take the
// nearest.
#include <functional>

#include "seclang/integers.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class Equal final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    return read_int(value).value_or(0) == read_int(evaluation.argument).value_or(0);
  }
};

template <typename Order>
class Compare final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    return Order{}(read_clamped(value), read_clamped(evaluation.argument));
  }
};

}  // namespace

Made make_eq(const OperatorSource& /*source*/) { return std::make_unique<Equal>(); }
Made make_ge(const OperatorSource& /*source*/) {
  return std::make_unique<Compare<std::greater_equal<>>>();
}
Made make_gt(const OperatorSource& /*source*/) {
  return std::make_unique<Compare<std::greater<>>>();
}
Made make_le(const OperatorSource& /*source*/) {
  return std::make_unique<Compare<std::less_equal<>>>();
}
Made make_lt(const OperatorSource& /*source*/) { return std::make_unique<Compare<std::less<>>>(); }

}  // namespace sallyport::seclang
