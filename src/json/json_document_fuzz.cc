// JSON from any bytes: what is read is bounded by the text, walks as deep as it may and no deeper,
// and comes back the same from what is written of it.
#include <cstdint>

#include "base/fuzzing.h"
#include "base/text.h"
#include "json/text.h"

namespace sallyport::json {
namespace {

using fuzzing::require;

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = text::utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void walk(Value value, std::size_t depth) {
  if (value.string()) require(is_utf8(*value.string()));
  require(!(value.is_object() || value.is_array()) || depth > 0);
  std::size_t count = 0;
  for (Value item : value.items()) {
    walk(item, depth - 1);
    ++count;
  }
  for (auto [name, member] : value.members()) {
    require(is_utf8(name) && value.find(name).has_value());
    walk(member, depth - 1);
    ++count;
  }
  require(count == value.size());
}

void check(std::string_view bytes) {
  const fuzzing::ExactCopy exact(bytes);
  const auto document = Document::parse(exact.text());
  const auto secret = Document::parse(exact.text(), {.secret = true});
  require(document.has_value() == secret.has_value());
  if (!document) {
    require(!document.error().empty());
    return;
  }
  require(document->memory() <= 16 * (exact.text().size() + 1));
  walk(document->root(), 32);
  const std::string text = to_text(document->root());
  require(text == to_text(secret->root()));
  const auto again = Document::parse(text);
  require(again.has_value() && to_text(again->root()) == text);
}

}  // namespace
}  // namespace sallyport::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sallyport::json::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
