// Two clocks: a precise one for durations, cheap enough to read several times per request, and
// the wall clock for humans.
//
// On x86-64 with an invariant time stamp counter `Ticks::now()` is one RDTSC (about 10 ns, no
// system call); elsewhere it reads CLOCK_MONOTONIC.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string_view>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace sallyport {

class Ticks {
 public:
  // Must run once before other threads start; without it ticks are CLOCK_MONOTONIC nanoseconds.
  static void calibrate();

  [[nodiscard]] static std::uint64_t now() {
#if defined(__x86_64__)
    if (scale_ != 0) return __rdtsc();
#endif
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(t.tv_nsec);
  }

  // Nanoseconds between two readings; 0 if `end` is not after `begin`.
  [[nodiscard]] static std::uint64_t nanoseconds(std::uint64_t begin, std::uint64_t end) {
    if (end <= begin) return 0;
    if (scale_ == 0) return end - begin;
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(end - begin) * scale_) >> 32);
  }

 private:
  // Nanoseconds per tick as 32.32 fixed point; 0: ticks are nanoseconds. Written once at start.
  static inline std::uint64_t scale_ = 0;
};

// Milliseconds since the Unix epoch.
[[nodiscard]] inline std::int64_t wall_milliseconds() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

// Milliseconds of a clock that is never set back.
[[nodiscard]] inline std::int64_t steady_milliseconds() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

// Writes "2026-01-31T12:34:56.789Z" (24 bytes, RFC 3339) for a Unix time in milliseconds.
void write_rfc3339(char* out, std::int64_t unix_milliseconds);

// The Unix time in milliseconds that such a text names: "T" and "Z" in capitals, an offset instead
// of "Z", a fraction of up to nine digits (of which three count). Nothing for anything else, and
// for leap seconds, which Unix time has no number for.
[[nodiscard]] std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// Writes "Sun, 06 Nov 1994 08:49:37 GMT" (29 bytes, RFC 9110 5.6.7).
void write_http_date(char* out, std::int64_t unix_seconds);

}  // namespace sallyport
