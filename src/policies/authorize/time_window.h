// Hours of a week: "Monday to Friday, 8 to 18 o'clock".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/field.h"

namespace sallyport::policies::authorize_detail {

// As the file says it.
struct TimeSettings {
  std::vector<std::string> days;  // "mon", "mon-fri"; empty: every day
  std::string from = "00:00";
  std::string to = "24:00";
  std::string zone = "UTC";  // or "+02:00"
  static schema::Fields<TimeSettings> fields();
};

// Immutable.
class TimeWindow {
 public:
  // Settings without a fault.
  explicit TimeWindow(const TimeSettings& settings);

  // A window that ends before it begins goes on past midnight, and belongs to the day it began on.
  [[nodiscard]] bool contains(std::int64_t unix_seconds) const;

 private:
  [[nodiscard]] bool has_day(std::int64_t days_since_1970) const;

  std::uint8_t days_ = 0;  // a bit for each, from Monday
  std::int32_t from_;      // seconds since midnight
  std::int32_t to_;
  std::int32_t offset_;  // seconds east of Greenwich
};

}  // namespace sallyport::policies::authorize_detail
