// Any two header fields, read at any place: values are parts of the field and free of what
// delimits them, a timestamp that is read is written back the same, and the text to sign comes to
// the same whenever it is asked for.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/fuzzing.h"
#include "policies/authenticate/signature/hmac_place.h"
#include "policies/authenticate/signature/signed_parts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;                                 // NOLINT(google-build-using-namespace)
  using namespace sallyport::policies::authenticate_detail;  // NOLINT(google-build-using-namespace)
  const fuzzing::ExactCopy copy({reinterpret_cast<const char*>(data), size});
  std::array<std::string_view, 5> lines;
  std::string_view rest = copy.text();
  for (std::string_view& line : lines) {
    line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  std::array<std::byte, 4096> memory;
  Arena arena(memory);
  Exchange x(arena);
  x.request.method = "POST";
  x.request.target = lines[4];
  x.request.headers.add("x-a", lines[2]);
  if (!lines[3].empty()) x.request.headers.add("x-b", lines[3]);

  HmacPlace place{.header = "X-A"};
  if (!lines[0].empty()) place.parameter = lines[0];
  if (!lines[1].empty()) place.prefix = lines[1];
  const HmacValues values = values_at(place, x.request.headers);
  fuzzing::require(values.count <= HmacValues::kMost);
  for (std::size_t i = 0; i < values.count; ++i) {
    const std::string_view value = values.values.at(i);
    fuzzing::require(!value.empty() && lines[2].contains(value));
    fuzzing::require(!place.parameter || value.find_first_of(",\"") == std::string_view::npos);
    const auto number = timestamp_of(value, TimestampFormat::unix_milliseconds);
    fuzzing::require(!number || std::to_string(*number).size() <= value.size());
    (void)timestamp_of(value, TimestampFormat::http_date);
  }

  HmacSettings settings;
  settings.timestamp = place;
  settings.sign = {"method", "target", "header:X-B", "timestamp", "body"};
  const auto parts = SignedParts::make(settings);
  fuzzing::require(parts.has_value());
  const SignedValues said{.timestamp = values.values.front(), .body = rest};
  const auto text = parts->text_of(x, said);
  if (!text) return 0;
  // Nine pieces, of which every other one is the separator; whatever a request holds, the text
  // comes apart at line feeds into the same parts again, as only the body may hold one.
  fuzzing::require(text->size() == 9);
  for (std::size_t i = 0; i + 1 < text->size(); ++i) {
    fuzzing::require(((*text)[i] == "\n") == (i % 2 == 1));
  }
  return 0;
}
