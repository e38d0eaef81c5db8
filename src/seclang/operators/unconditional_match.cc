// @unconditionalMatch: always matches.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class UnconditionalMatch final : public Operator {
 public:
  bool evaluate(std::string_view /*value*/, Evaluation& /*evaluation*/) const override {
    return true;
  }
};

}  // namespace

Made make_unconditional_match(const OperatorSource& /*source*/) {
  return std::make_unique<UnconditionalMatch>();
}

}  // namespace sallyport::seclang
