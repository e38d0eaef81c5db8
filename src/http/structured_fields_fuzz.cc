// Any bytes as a dictionary: what is read and written again is read as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/fuzzing.h"
#include "http/structured_fields.h"

namespace {

std::string written(const std::vector<sallyport::http::DictionaryMember>& members) {
  std::string out;
  for (const auto& member : members) {
    out += (out.empty() ? "" : ", ") + std::string(member.key) + "=";
    if (member.is_list) {
      sallyport::http::append_list(out, member);
    } else {
      sallyport::http::append_item(out, member.items.front());
    }
    for (const auto& item : member.items) {
      (void)item.value.string();
      (void)item.value.bytes();
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = sallyport::http::parse_dictionary({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  const std::string once = written(*read);
  const auto again = sallyport::http::parse_dictionary(once);
  sallyport::fuzzing::require(again.has_value() && written(*again) == once);
  return 0;
}
