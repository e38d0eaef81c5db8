#include "base/report.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace sallyport {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

TEST(BoundedReport, SaysOnceAMinuteWhatHappensAllTheTime) {
  BoundedReport lines;
  CaptureStderr();
  for (std::uint64_t now = 1'000; now < 61'000; now += 100) {
    lines(now, Severity::warning, "something is odd");
  }
  std::string first = GetCapturedStderr();
  EXPECT_TRUE(first.ends_with(" warning: something is odd\n")) << first;
  EXPECT_EQ(first.find('\n'), first.size() - 1) << first;

  CaptureStderr();
  lines(61'000, Severity::warning, "something is odd");
  std::string second = GetCapturedStderr();
  EXPECT_TRUE(second.ends_with("something is odd; 599 more like it since the last line\n"))
      << second;
}

TEST(Report, OneEventIsOneLineWhateverItsText) {
  CaptureStderr();
  report(Severity::error, "a\nb\r\nc");
  std::string line = GetCapturedStderr();
  EXPECT_TRUE(line.ends_with(" error: a b  c\n")) << line;
}

}  // namespace
}  // namespace sallyport
