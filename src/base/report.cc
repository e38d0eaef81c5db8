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

}  // namespace sallyport
