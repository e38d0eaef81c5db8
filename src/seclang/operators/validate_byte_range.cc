// @validateByteRange: matches values with a byte outside the listed ones ("9,10,13,32-126").
//
// As in ModSecurity, what is no byte and no range is no load error: it allows nothing.
#include <bitset>

#include "base/text.h"
#include "seclang/integers.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

using Bytes = std::bitset<256>;

class ValidateByteRange final : public Operator {
 public:
  explicit ValidateByteRange(const Bytes& allowed) : allowed_(allowed) {}

  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    for (std::size_t at = 0; at < value.size(); ++at) {
      if (allowed_[static_cast<unsigned char>(value[at])]) continue;
      evaluation.offset = at;
      evaluation.length = 1;
      return true;
    }
    return false;
  }

 private:
  Bytes allowed_;
};

void allow(std::string_view range, Bytes& allowed) {
  std::size_t dash = range.find('-');
  std::optional<int> first = read_int(range.substr(0, dash));
  std::optional<int> last =
      dash == std::string_view::npos ? first : read_int(range.substr(dash + 1));
  if (!first || !last || *first < 0 || *last > 255) return;
  for (int byte = *first; byte <= *last; ++byte) allowed.set(static_cast<std::size_t>(byte));
}

}  // namespace

Made make_validate_byte_range(const OperatorSource& source) {
  Bytes allowed;
  text::for_each_element(source.argument, [&](std::string_view range) { allow(range, allowed); });
  return std::make_unique<ValidateByteRange>(allowed);
}

}  // namespace sallyport::seclang
