// The rule by which a zone goes on when its list of changes ends: "CET-1CEST,M3.5.0,M10.5.0/3" (the
// POSIX TZ string at the end of a TZif file, RFC 9636 section 3.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::policies::authorize_detail {

// When summer time begins or ends, each year.
struct YearlyDate {
  enum class Kind : std::uint8_t {
    julian,   // Jn: the 29th of February is never counted
    day,      // n: counted from 0
    weekday,  // Mm.w.d: the w-th such weekday of the month, 5 for the last one
  };
  Kind kind = Kind::day;
  std::int32_t day = 0;  // of the year; of `weekday` from Sunday
  std::int32_t week = 0;
  std::int32_t month = 0;
  std::int32_t time = 0;  // seconds since midnight of that day, in the time that ends

  // Midnight of the day in that year plus the time, as if it were UTC.
  [[nodiscard]] std::int64_t seconds_in(std::int32_t year) const;
};

struct ZoneRule {
  std::int32_t standard = 0;  // seconds east of Greenwich
  struct Summer {
    std::int32_t offset = 0;
    YearlyDate begin, end;
  };
  std::optional<Summer> summer;

  // Nothing: it is malformed.
  [[nodiscard]] static std::optional<ZoneRule> parse(std::string_view text);
};

}  // namespace sallyport::policies::authorize_detail
