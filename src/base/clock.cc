#include "base/clock.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstring>

namespace sallyport {

void Ticks::calibrate() {
#if defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  bool invariant = __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & (1U << 8)) != 0;
  if (!invariant || scale_ != 0) return;
  auto monotonic = [] {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(t.tv_nsec);
  };
  std::uint64_t n0 = monotonic();
  std::uint64_t t0 = __rdtsc();
  while (monotonic() - n0 < 5'000'000) {
  }
  std::uint64_t n1 = monotonic();
  std::uint64_t t1 = __rdtsc();
  if (t1 > t0) {
    scale_ =
        static_cast<std::uint64_t>((static_cast<unsigned __int128>(n1 - n0) << 32) / (t1 - t0));
  }
#endif
}

namespace {

struct Civil {
  int year;
  int month;  // 1..12
  int day;    // 1..31
};

// Days since 1970-01-01 to a date in the proleptic Gregorian calendar.
Civil civil_from_days(std::int64_t days) {
  days += 719468;
  std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  auto doe = static_cast<unsigned>(days - era * 146097);
  unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  unsigned mp = (5 * doy + 2) / 153;
  unsigned day = doy - (153 * mp + 2) / 5 + 1;
  unsigned month = mp < 10 ? mp + 3 : mp - 9;
  return {.year = static_cast<int>(yoe + era * 400) + (month <= 2 ? 1 : 0),
          .month = static_cast<int>(month),
          .day = static_cast<int>(day)};
}

void two(char* out, int value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
}

void four(char* out, int value) {
  two(out, value / 100);
  two(out + 2, value % 100);
}

void time_of_day(char* out, std::int64_t seconds) {
  two(out, static_cast<int>(seconds / 3600));
  out[2] = ':';
  two(out + 3, static_cast<int>(seconds / 60 % 60));
  out[5] = ':';
  two(out + 6, static_cast<int>(seconds % 60));
}

constexpr std::int64_t kFirstMillisecond = -62'167'219'200'000;  // 0000-01-01T00:00:00Z
constexpr std::int64_t kLastMillisecond = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

void write_rfc3339(char* out, std::int64_t unix_milliseconds) {
  // What four digits of a year can say; who wrote a time beyond that did not mean one.
  unix_milliseconds = std::clamp(unix_milliseconds, kFirstMillisecond, kLastMillisecond);
  std::int64_t seconds = floor_div(unix_milliseconds, 1000);
  auto ms = static_cast<int>(unix_milliseconds - seconds * 1000);
  std::int64_t days = floor_div(seconds, 86400);
  Civil date = civil_from_days(days);
  four(out, date.year);
  out[4] = '-';
  two(out + 5, date.month);
  out[7] = '-';
  two(out + 8, date.day);
  out[10] = 'T';
  time_of_day(out + 11, seconds - days * 86400);
  out[19] = '.';
  out[20] = static_cast<char>('0' + ms / 100);
  two(out + 21, ms % 100);
  out[23] = 'Z';
}

void write_http_date(char* out, std::int64_t unix_seconds) {
  static constexpr std::string_view kDays = "ThuFriSatSunMonTueWed";
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::int64_t days = floor_div(unix_seconds, 86400);
  Civil date = civil_from_days(days);
  auto weekday = static_cast<std::size_t>(((days % 7) + 7) % 7);
  std::memcpy(out, "Ddd, DD Mmm YYYY HH:MM:SS GMT", 29);
  std::memcpy(out, kDays.data() + weekday * 3, 3);
  two(out + 5, date.day);
  std::memcpy(out + 8, kMonths.data() + static_cast<std::size_t>(date.month - 1) * 3, 3);
  four(out + 12, date.year);
  time_of_day(out + 17, unix_seconds - days * 86400);
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  // "2026-01-31T12:34:56", then a fraction or not, then "Z" or "+hh:mm".
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  auto fits = [](std::string_view part, std::string_view shape) {
    if (part.size() != shape.size()) return false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const bool digit = part[i] >= '0' && part[i] <= '9';
      if (shape[i] == 'd' ? !digit : part[i] != shape[i]) return false;
    }
    return true;
  };
  auto number = [&text](std::size_t at, std::size_t size) {
    int value = 0;
    for (char c : text.substr(at, size)) value = value * 10 + (c - '0');
    return value;
  };
  if (!fits(text.substr(0, kShape.size()), kShape)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  text.remove_prefix(kShape.size());

  int milliseconds = 0;
  if (text.starts_with('.')) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end < 2 || end > 10) return std::nullopt;
    for (std::size_t i = 1; i <= 3; ++i) {
      milliseconds = milliseconds * 10 + (i < end ? text[i] - '0' : 0);
    }
    text.remove_prefix(end);
  }

  int offset = 0;  // minutes
  if (text != "Z") {
    if (!fits(text, "+dd:dd") && !fits(text, "-dd:dd")) return std::nullopt;
    const int hours = number(1, 2);
    const int minutes = number(4, 2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = (hours * 60 + minutes) * (text.front() == '-' ? -1 : 1);
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t minutes = days * 1440 + hour * 60 + minute - offset;
  return (minutes * 60 + second) * 1000 + milliseconds;
}

}  // namespace sallyport
