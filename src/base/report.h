// Lines for the operator on standard error: one event, one line, what and where and what to do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport {

enum class Severity : unsigned char { info, warning, error };

// Any thread; the line is written in one piece.
void report(Severity severity, std::string_view text);

// For what peers can bring about as often as they like: one line a minute at most, which says how
// many there were since the last. For one thread.
class BoundedReport {
 public:
  // `now` in milliseconds, as the Reactor counts them.
  void operator()(std::uint64_t now, Severity severity, std::string text);

 private:
  static constexpr std::uint64_t kQuiet = 60'000;
  std::uint64_t next_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace sallyport
