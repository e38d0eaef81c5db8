// Hours of a week: "Monday to Friday, 8 to 18 o'clock".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/authorize/time_zone.h"
#include "schema/field.h"

namespace sallyport::policies::authorize_detail {

// As the file says it.
struct TimeSettings {
  std::vector<std::string> days;  // "mon", "mon-fri"; empty: every day
  std::string from = "00:00";
  std::string to = "24:00";
  std::string zone = "UTC";  // or "+02:00", "Europe/Berlin"
  static schema::Fields<TimeSettings> fields();
};

// Immutable.
class TimeWindow {
 public:
  // Settings without a fault. Reads the file of a zone with a name.
  explicit TimeWindow(const TimeSettings& settings);

  // By the clocks of the zone: an hour that they leave out is never there, one that they show twice
  // is there twice. A window that ends before it begins goes on past midnight, and belongs to the
  // day it began on.
  [[nodiscard]] bool contains(std::int64_t unix_seconds) const;

 private:
  [[nodiscard]] bool has_day(std::int64_t days_since_1970) const;

  std::uint8_t days_ = 0;  // a bit for each, from Monday
  std::int32_t from_;      // seconds since midnight
  std::int32_t to_;
  TimeZone zone_;
};

}  // namespace sallyport::policies::authorize_detail
