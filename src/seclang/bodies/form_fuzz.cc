// Query strings and cookies from any bytes: what is found is never more than what came, and reading
// it again changes nothing about it.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/fuzzing.h"
#include "seclang/bodies/body.h"

namespace sallyport::seclang {
namespace {

using fuzzing::require;

void check(std::string_view bytes) {
  const fuzzing::ExactCopy exact(bytes);
  const std::string_view text = exact.text();
  Arena arena({});
  const FormBody form = parse_form(text, '&', kNoLimit, arena);
  std::size_t size = 0;
  for (const Field& field : form.arguments) size += field.name.size() + field.value.size();
  require(size <= text.size());
  require(!form.too_many);

  // The limit changes how many there are, and nothing else.
  const FormBody few = parse_form(text, '&', 3, arena);
  require(few.invalid_encoding == form.invalid_encoding);
  require(few.too_many == (form.arguments.size() > 3));
  require(few.arguments.size() == std::min<std::size_t>(3, form.arguments.size()));
  for (std::size_t i = 0; i < few.arguments.size(); ++i) {
    require(few.arguments[i].name == form.arguments[i].name);
    require(few.arguments[i].value == form.arguments[i].value);
  }

  std::vector<Field> cookies;
  parse_cookies(text, cookies);
  for (const Field& cookie : cookies) {
    require(!cookie.name.empty());
    require(text.substr(cookie.offset).starts_with(cookie.value));
  }
}

}  // namespace
}  // namespace sallyport::seclang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sallyport::seclang::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
