// A text that is a time is written as one that names the same time.
#include <string>

#include "base/clock.h"
#include "base/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;  // NOLINT(google-build-using-namespace): one function
  const fuzzing::ExactCopy input(
      std::string_view(reinterpret_cast<const char*>(data), size));  // bytes as text
  const auto time = parse_rfc3339(input.text());
  if (!time) return 0;
  std::string text(24, '\0');
  write_rfc3339(text.data(), *time);
  // An offset may lead out of the years that have four digits.
  if (text[4] == '-' && *time >= -62'167'219'200'000 && *time < 253'402'300'800'000) {
    fuzzing::require(parse_rfc3339(text) == time);
  }
  return 0;
}
