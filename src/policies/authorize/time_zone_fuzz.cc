// Any bytes as a file of a time zone: they are refused, or come to changes in order, not too many,
// with offsets that clocks have, and every time has the offset of the change before it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/fuzzing.h"
#include "policies/authorize/time_zone.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;                              // NOLINT(google-build-using-namespace)
  using namespace sallyport::policies::authorize_detail;  // NOLINT(google-build-using-namespace)
  const fuzzing::ExactCopy copy({reinterpret_cast<const char*>(data), size});
  const auto zone = TimeZone::parse(copy.text());
  if (!zone) return 0;
  const auto& changes = zone->changes();
  fuzzing::require(!changes.empty() && changes.size() < 5000);
  fuzzing::require(std::ranges::is_sorted(changes, {}, &TimeZone::Change::at));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    fuzzing::require(std::abs(changes[i].offset) <= 26 * 3600);
    const bool last_of_its_time = i + 1 == changes.size() || changes[i + 1].at != changes[i].at;
    fuzzing::require(!last_of_its_time || zone->offset_at(changes[i].at) == changes[i].offset);
  }
  (void)zone->offset_at(INT64_MAX);
  return 0;
}
