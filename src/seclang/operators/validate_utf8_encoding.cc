// @validateUtf8Encoding: matches values that are not UTF-8 (RFC 3629: no overlong forms, no
// surrogates). As in ModSecurity, what begins with F4 may go beyond U+10FFFF.
#include "base/text.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

bool continues(char c) { return (c & 0xC0) == 0x80; }

std::size_t sequence_length(std::string_view text) {
  std::size_t length = text::utf8_length(text);
  if (length != 0 || !text.starts_with('\xF4') || text.size() < 4) return length;
  return continues(text[1]) && continues(text[2]) && continues(text[3]) ? 4 : 0;
}

class ValidateUtf8Encoding final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    for (std::size_t at = 0; at < value.size();) {
      std::size_t length = sequence_length(value.substr(at));
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
