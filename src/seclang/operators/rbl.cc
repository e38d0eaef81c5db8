// @rbl: asks block lists over DNS in ModSecurity. No value waits for a name server here, so it is
// accepted, for the sake of rules that have it, and never matches.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class Rbl final : public Operator {
 public:
  bool evaluate(std::string_view /*value*/, Evaluation& /*evaluation*/) const override {
    return false;
  }
};

}  // namespace

Made make_rbl(const OperatorSource& /*source*/) { return std::make_unique<Rbl>(); }

}  // namespace sallyport::seclang
