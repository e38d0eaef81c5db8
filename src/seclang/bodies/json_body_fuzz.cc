// JSON from any bytes: no document makes more of itself than its size allows, and a limit only cuts
// off what is found.
#include <algorithm>
#include <cstdint>

#include "base/fuzzing.h"
#include "seclang/bodies/body.h"

namespace sallyport::seclang {
namespace {

using fuzzing::require;

void check(std::string_view bytes) {
  const fuzzing::ExactCopy exact(bytes);
  const std::string_view text = exact.text();
  Arena arena({});
  const JsonBody all = parse_json(text, 50, kNoLimit, arena);
  require(all.error.failed == !all.error.message.empty());
  std::size_t values = 0;
  for (const Field& field : all.arguments) {
    require(field.name.starts_with("json"));
    values += field.value.size();
  }
  require(values <= text.size());

  const JsonBody few = parse_json(text, 50, 2, arena);
  require(few.too_many == (all.arguments.size() > 2));
  require(few.arguments.size() == std::min<std::size_t>(2, all.arguments.size()));
  for (std::size_t i = 0; i < few.arguments.size(); ++i) {
    require(few.arguments[i].name == all.arguments[i].name);
    require(few.arguments[i].value == all.arguments[i].value);
  }
}

}  // namespace
}  // namespace sallyport::seclang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sallyport::seclang::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
