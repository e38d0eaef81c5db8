// What strangers send to the token service, from any bytes: what is read fits its bounds and holds
// no control characters, and reading it never leaves the memory.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/fuzzing.h"
#include "token_service/assertion.h"
#include "token_service/credentials.h"
#include "token_service/form.h"

namespace sallyport::token_service {
namespace {

using fuzzing::require;

bool is_clean(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

void read(std::string_view text) {
  if (auto form = Form::parse(text)) {
    const Form moved = std::move(*form);
    for (std::string_view name : {"grant_type", "client_id", "client_secret", "scope", "a", ""}) {
      const std::string_view value = moved.get(name);
      require(value.size() <= Form::kLongestValue && is_clean(value));
    }
  }
  if (auto basic = BasicCredentials::parse(text)) {
    const BasicCredentials moved = std::move(*basic);
    require(!moved.id().empty() && is_clean(moved.id()) && is_clean(moved.secret()));
    require(moved.id().size() + moved.secret().size() < text.size());
  }
  if (const auto subject = claimed_subject(text)) require(subject->size() < text.size());
}

}  // namespace
}  // namespace sallyport::token_service

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Bytes as text.
  const sallyport::fuzzing::ExactCopy copy({reinterpret_cast<const char*>(data), size});
  sallyport::token_service::read(copy.text());
  return 0;
}
