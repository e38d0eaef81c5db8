// @strmatch: as @contains, but does not say where.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class StrMatch final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    return value.find(evaluation.argument) != std::string_view::npos;
  }
};

}  // namespace

Made make_strmatch(const OperatorSource& /*source*/) { return std::make_unique<StrMatch>(); }

}  // namespace sallyport::seclang
