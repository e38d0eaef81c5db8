// @validateUrlEncoding: matches values with a % that two hexadecimal digits do not follow.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

bool hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

class ValidateUrlEncoding final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    for (std::size_t at = value.find('%'); at != std::string_view::npos;
         at = value.find('%', at + 3)) {
      if (at + 2 < value.size() && hex(value[at + 1]) && hex(value[at + 2])) continue;
      evaluation.offset = at;
      evaluation.length = value.size();  // as ModSecurity logs it
      return true;
    }
    return false;
  }
};

}  // namespace

Made make_validate_url_encoding(const OperatorSource& /*source*/) {
  return std::make_unique<ValidateUrlEncoding>();
}

}  // namespace sallyport::seclang
