#include "base/report.h"

#include <unistd.h>

#include <string>

#include "base/clock.h"

namespace sallyport {

void report(Severity severity, std::string_view text) {
  char time[24];  // NOLINT(*-avoid-c-arrays): filled by write_rfc3339
  write_rfc3339(time, wall_milliseconds());
  std::string line(time, sizeof time);
  line += severity == Severity::info      ? " info: "
          : severity == Severity::warning ? " warning: "
                                          : " error: ";
  // Text may quote input: a line break in it must not look like a line of ours.
  for (char c : text) line += c == '\n' || c == '\r' ? ' ' : c;
  line += '\n';
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

void BoundedReport::operator()(std::uint64_t now, Severity severity, std::string text) {
  if (now < next_) {
    ++left_out_;
    return;
  }
  next_ = now + kQuiet;
  if (left_out_ > 0) text += "; " + std::to_string(left_out_) + " more like it since the last line";
  left_out_ = 0;
  report(severity, text);
}

}  // namespace sallyport
