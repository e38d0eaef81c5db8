#include "base/clock.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cstring>
#include <string_view>

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

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

void write_rfc3339(char* out, std::int64_t unix_milliseconds) {
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

}  // namespace sallyport
