#include "base/clock.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace sallyport {
namespace {

TEST(Rfc3339, ComesBackAsItWasWritten) {
  for (std::int64_t time : {0LL, 1LL, 951'782'400'000LL, 1'769'862'896'789LL, 253'402'300'799'999LL,
                            -62'167'219'200'000LL}) {
    std::string text(24, ' ');
    write_rfc3339(text.data(), time);
    EXPECT_EQ(parse_rfc3339(text), time) << text;
  }
}

TEST(Rfc3339, WritesTheNearestTimeThatItCan) {
  std::string text(24, ' ');
  write_rfc3339(text.data(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(text, "9999-12-31T23:59:59.999Z");
  write_rfc3339(text.data(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(text, "0000-01-01T00:00:00.000Z");
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("1970-01-01T02:00:00+02:00"), 0);
  EXPECT_EQ(parse_rfc3339("1969-12-31T18:30:00-05:30"), 0);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.1Z"), 100);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.023999999Z"), 1023);
  EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00Z"), 1'709'164'800'000);
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text : {"",
                           "Z",
                           "1970-01-01",
                           "1970-01-01T00:00:00",
                           "1970-01-01 00:00:00Z",
                           "1970-01-01t00:00:00z",
                           "1970-1-01T00:00:00Z",
                           "1970-02-30T00:00:00Z",
                           "2023-02-29T00:00:00Z",
                           "1970-13-01T00:00:00Z",
                           "1970-00-01T00:00:00Z",
                           "1970-01-01T24:00:00Z",
                           "1970-01-01T00:60:00Z",
                           "1970-01-01T00:00:60Z",
                           "1970-01-01T00:00:00.Z",
                           "1970-01-01T00:00:00.0000000000Z",
                           "1970-01-01T00:00:00+0000",
                           "1970-01-01T00:00:00+24:00",
                           "1970-01-01T00:00:00+00:60",
                           "1970-01-01T00:00:00ZZ",
                           "1970-01-01T00:00:00Z ",
                           "+970-01-01T00:00:00Z",
                           "19700-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace sallyport
