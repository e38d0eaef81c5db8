// @within: the value stands somewhere in the argument, usually a list; an empty value always does.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class Within final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    if (value.empty()) return true;
    std::size_t at = evaluation.argument.find(value);
    if (at == std::string_view::npos) return false;
    evaluation.offset = at;  // in the argument: so do ModSecurity's logs have it
    evaluation.length = value.size();
    return true;
  }
};

}  // namespace

Made make_within(const OperatorSource& /*source*/) { return std::make_unique<Within>(); }

}  // namespace sallyport::seclang
