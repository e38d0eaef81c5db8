// XML from any bytes: nothing crashes, and what is selected stays within the bounds of expansion.
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
  const XmlBody body = parse_xml(text, arena);
  require(body.error.failed == !body.error.message.empty());
  if (body.document == nullptr) return;

  std::vector<Field> found;
  select_xml(*body.document, "/*", {}, arena, found);
  require(found.size() <= 1);
  select_xml(*body.document, "//@*", {}, arena, found);
  std::size_t size = 0;
  for (const Field& field : found) size += field.value.size();
  require(size <= 10 * text.size() + (1 << 20));

  // Our walk over the attributes and libxml2's own are one.
  std::vector<Field> attributes;
  std::vector<Field> other;
  select_xml(*body.document, "//@*", {}, arena, attributes);
  select_xml(*body.document, "//attribute::*", {}, arena, other);
  require(attributes.size() == other.size());
  for (std::size_t i = 0; i < other.size(); ++i) require(attributes[i].value == other[i].value);
}

}  // namespace
}  // namespace sallyport::seclang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sallyport::seclang::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
