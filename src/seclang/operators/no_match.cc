// @noMatch: never matches.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class NoMatch final : public Operator {
 public:
  bool evaluate(std::string_view /*value*/, Evaluation& /*evaluation*/) const override {
    return false;
  }
};

}  // namespace

Made make_no_match(const OperatorSource& /*source*/) { return std::make_unique<NoMatch>(); }

}  // namespace sallyport::seclang
