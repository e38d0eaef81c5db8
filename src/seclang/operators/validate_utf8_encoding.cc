// @validateUtf8Encoding: matches values that are not UTF-8 (RFC 3629: no overlong forms, no
// surrogates, nothing beyond U+10FFFF).
#include "base/text.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class ValidateUtf8Encoding final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    for (std::size_t at = 0; at < value.size();) {
      std::size_t length = text::utf8_length(value.substr(at));
      if (length == 0) {
        evaluation.offset = at;
        evaluation.length = value.size();  // as ModSecurity logs it
        return true;
      }
      at += length;
    }
    return false;
  }
};

}  // namespace

Made make_validate_utf8_encoding(const OperatorSource& /*source*/) {
  return std::make_unique<ValidateUtf8Encoding>();
}

}  // namespace sallyport::seclang
