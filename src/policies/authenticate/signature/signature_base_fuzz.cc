// Any Signature-Input over a request with any query and field: a base is made or it is not, and one
// that is made has a line for each component and one for the parameters.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/fuzzing.h"
#include "policies/authenticate/signature/signature_base.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;  // NOLINT(google-build-using-namespace): one function
  const fuzzing::ExactCopy copy({reinterpret_cast<const char*>(data), size});
  std::array<std::string_view, 3> parts;
  std::string_view rest = copy.text();
  for (std::string_view& part : parts) {
    part = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  std::array<std::byte, 4096> memory;
  Arena arena(memory);
  Exchange x(arena);
  x.request.method = "GET";
  x.request.path = "/a";
  x.request.target = parts[1];
  x.request.authority = "example.com";
  x.request.query = parts[1];
  x.request.headers.add("x-a", parts[2]);
  const auto inputs = http::parse_dictionary(parts[0]);
  if (!inputs) return 0;
  for (const http::DictionaryMember& input : *inputs) {
    const auto base = policies::authenticate_detail::signature_base(input, x);
    if (!base) continue;
    const auto lines = std::ranges::count(*base, '\n');
    fuzzing::require(lines == static_cast<std::ptrdiff_t>(input.items.size()));
  }
  return 0;
}
