#include "schema/types.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace sallyport::schema {
namespace {

using namespace std::chrono_literals;

// What a refused scalar gets: "MESSAGE|SUGGESTION".
template <typename T>
std::string refusal(const Parsed<T>& parsed) {
  if (parsed) return "accepted";
  return parsed.error().message + "|" + parsed.error().suggestion;
}

TEST(Duration, ReadsNumbersWithAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("1m"), 1min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("0s"), 0ms);
}

TEST(Duration, SaysWhatToWriteInstead) {
  EXPECT_EQ(refusal(parse_duration("30")), "it needs a unit|Write \"30s\".");
  EXPECT_EQ(refusal(parse_duration("5 seconds")), "|Write \"5s\".");
  EXPECT_EQ(refusal(parse_duration("10min")), "|Write \"10m\".");
  EXPECT_EQ(refusal(parse_duration("10msec")), "|Write \"10ms\".");
  EXPECT_EQ(refusal(parse_duration("99999999999999999999s")), "it is too long|");
  EXPECT_EQ(refusal(parse_duration("40000d")), "it is too long|");
  for (std::string_view text : {"", "-5s", "1.5s", "fast", "5months", "5sx5"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, IsShownInItsLargestWholeUnit) {
  EXPECT_EQ(to_text(Duration(0)), "0");
  EXPECT_EQ(to_text(Duration(1500ms)), "1500ms");
  EXPECT_EQ(to_text(Duration(90s)), "90s");
  EXPECT_EQ(to_text(Duration(2h)), "2h");
  EXPECT_EQ(to_text(Duration(48h)), "2d");
}

TEST(Size, ReadsBinaryAndDecimalUnits) {
  EXPECT_EQ(parse_size("0"), Size{0});
  EXPECT_EQ(parse_size("512"), Size{512});
  EXPECT_EQ(parse_size("512B"), Size{512});
  EXPECT_EQ(parse_size("8kB"), Size{8000});
  EXPECT_EQ(parse_size("64KiB"), Size{65536});
  EXPECT_EQ(parse_size("10MiB"), Size{10 * kMiB});
  EXPECT_EQ(parse_size("2GiB"), Size{2 * kGiB});
}

TEST(Size, SaysWhatToWriteInstead) {
  EXPECT_EQ(refusal(parse_size("10mb")), "|Write \"10MB\".");
  EXPECT_EQ(refusal(parse_size("64K")), "|Write \"64kB\".");
  EXPECT_EQ(refusal(parse_size("64 kib")), "|Write \"64KiB\".");
  EXPECT_EQ(refusal(parse_size("9000000TiB")), "it is too large|");
  for (std::string_view text : {"", "-1", "1.5MiB", "big", "10X"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Size, IsShownAsPeopleWriteIt) {
  EXPECT_EQ(to_text(Size{0}), "0");
  EXPECT_EQ(to_text(Size{10 * kMiB}), "10MiB");
  EXPECT_EQ(to_text(Size{8000}), "8kB");
  EXPECT_EQ(to_text(Size{8192}), "8KiB");
  EXPECT_EQ(to_text(Size{1234}), "1234B");
}

TEST(Rate, ReadsACountPerUnit) {
  EXPECT_EQ(parse_rate("100/s"), (Rate{.count = 100, .per = 1s}));
  EXPECT_EQ(parse_rate("1000/h"), (Rate{.count = 1000, .per = 1h}));
  EXPECT_EQ(to_text(Rate{.count = 60, .per = 1min}), "60/m");
  EXPECT_EQ(refusal(parse_rate("100")), "it needs a unit of time|Write \"100/s\".");
  EXPECT_EQ(refusal(parse_rate("100/sec")), "|Write \"100/s\".");
  EXPECT_EQ(refusal(parse_rate("0/s")), "it must be at least 1|");
  for (std::string_view text : {"", "/s", "5/ms", "1.5/s", "100 per second", "99999999999/s"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(Percent, NeedsItsSign) {
  EXPECT_EQ(parse_percent("50%"), Percent{50});
  EXPECT_EQ(parse_percent("99.9%"), Percent{99.9});
  EXPECT_EQ(to_text(Percent{99.9}), "99.9%");
  EXPECT_EQ(refusal(parse_percent("50")), "the % is missing|Write \"50%\".");
  for (std::string_view text : {"", "%", "101%", "-1%", ".5%", "5.%", "1e1%", "nan%"}) {
    EXPECT_FALSE(parse_percent(text)) << text;
  }
}

TEST(HostPort, ReadsNamesAndAddresses) {
  EXPECT_EQ(parse_host_port("127.0.0.1:9901"), (HostPort{.host = "127.0.0.1", .port = 9901}));
  EXPECT_EQ(parse_host_port("[::1]:80"), (HostPort{.host = "::1", .port = 80}));
  EXPECT_EQ(parse_host_port("db.internal:5432"), (HostPort{.host = "db.internal", .port = 5432}));
  EXPECT_EQ(parse_host_port(":8443"), (HostPort{.host = "", .port = 8443}));
  EXPECT_EQ(to_text(HostPort{.host = "::1", .port = 80}), "[::1]:80");
}

TEST(HostPort, SaysWhatIsMissing) {
  EXPECT_EQ(refusal(parse_host_port("8443")), "it is only a number|Write \":8443\".");
  EXPECT_EQ(refusal(parse_host_port("*:80")), "|Write \":80\".");
  EXPECT_EQ(refusal(parse_host_port("::1")),
            "an IPv6 address needs brackets and a port|Write \"[::1]:8443\".");
  EXPECT_EQ(refusal(parse_host_port("localhost")),
            "the port is missing|Write it like 127.0.0.1:9901, [::1]:80 or :8443.");
  for (std::string_view text : {"", "a:b", "a:65536", "300.1.1.1:80", "1.2.3:80", "[::1]80",
                                "[::g]:80", "a b:80", "a..b:80", ".a:80", "a:", "a:080000"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

TEST(Origin, DefaultsThePortByScheme) {
  EXPECT_EQ(parse_origin("http://10.0.0.1:9000"),
            (Origin{.tls = false, .host = "10.0.0.1", .port = 9000}));
  EXPECT_EQ(parse_origin("https://api.internal"),
            (Origin{.tls = true, .host = "api.internal", .port = 443}));
  EXPECT_EQ(parse_origin("http://[::1]"), (Origin{.tls = false, .host = "::1", .port = 80}));
  EXPECT_EQ(to_text(Origin{.tls = true, .host = "::1", .port = 443}), "https://[::1]");
  EXPECT_EQ(to_text(Origin{.tls = true, .host = "a", .port = 80}), "https://a:80");
}

TEST(Origin, RefusesWhateverFollows) {
  EXPECT_EQ(refusal(parse_origin("http://a:80/")),
            "nothing may follow the port|Write \"http://a:80\".");
  EXPECT_EQ(refusal(parse_origin("10.0.0.1:80")),
            "the scheme is missing|Write \"http://10.0.0.1:80\".");
  constexpr std::string_view kNoName = "no user name or password may stand in it|Write ";
  EXPECT_EQ(refusal(parse_origin("http://user:hush@a:80")),
            std::string(kNoName) + "\"http://a:80\".");
  EXPECT_EQ(refusal(parse_origin("https://user:hu@sh@a")), std::string(kNoName) + "\"https://a\".");
  EXPECT_EQ(refusal(parse_origin("http://user:hush@a/path")),
            std::string(kNoName) + "it like http://10.0.0.1:9000 or https://api.internal.");
  EXPECT_EQ(refusal(parse_origin("http://user:hu/sh@a")),
            "|Write it like http://10.0.0.1:9000 or https://api.internal.");
  for (std::string_view text : {"", "http://", "ftp://a", "http://a:0", "http://u@a", "http://:80",
                                "//a", "http://a:80?x"}) {
    EXPECT_FALSE(parse_origin(text)) << text;
  }
}

}  // namespace
}  // namespace sallyport::schema
