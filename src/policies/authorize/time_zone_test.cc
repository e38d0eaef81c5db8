#include "policies/authorize/time_zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "policies/authorize/zone_rule.h"

namespace sallyport::policies::authorize_detail {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kDay = 86400;

std::int64_t utc(int year, int month, int day, int hour = 0, int minute = 0) {
  const std::chrono::sys_days date = std::chrono::year(year) / month / day;
  return std::chrono::seconds(date.time_since_epoch()).count() + hour * 3600 + minute * 60;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(TimeZone, KnowsWhenSummerTimeBeginsAndEnds) {
  const auto berlin = load_zone("Europe/Berlin");
  ASSERT_TRUE(berlin) << berlin.error();
  for (const int year : {2026, 2036}) {  // of its list
    const int march = year == 2026 ? 29 : 30;
    const int october = year == 2026 ? 25 : 26;
    EXPECT_EQ(berlin->offset_at(utc(year, 3, march, 0, 59)), 3600);
    EXPECT_EQ(berlin->offset_at(utc(year, 3, march, 1, 0)), 7200);
    EXPECT_EQ(berlin->offset_at(utc(year, 10, october, 0, 59)), 7200);
    EXPECT_EQ(berlin->offset_at(utc(year, 10, october, 1, 0)), 3600);
  }
  // By its rule.
  EXPECT_EQ(berlin->offset_at(utc(2099, 3, 29, 0, 59)), 3600);
  EXPECT_EQ(berlin->offset_at(utc(2099, 3, 29, 1, 0)), 7200);
}

// Compared with the C library: every zone, once a month and around every change, up to 2100.
TEST(TimeZone, SaysWhatTheCLibrarySaysOfEveryZone) {
  const char* before = std::getenv("TZ");
  const std::string kept = before != nullptr ? before : "";
  std::size_t zones = 0;
  const std::string folder = "/usr/share/zoneinfo/";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().string().substr(folder.size());
    if (!entry.is_regular_file() || !zone_file(name) || name.starts_with("right/") ||
        name.starts_with("posix/") || !content(entry.path()).starts_with("TZif")) {
      continue;
    }
    const auto zone = load_zone(name);
    ASSERT_TRUE(zone) << name << zone.error();
    setenv("TZ", (":" + name).c_str(), 1);
    tzset();
    const auto check = [&](std::int64_t at) {
      const std::time_t time = at;
      std::tm local{};
      localtime_r(&time, &local);
      ASSERT_EQ(zone->offset_at(at), local.tm_gmtoff) << name << " at " << at;
    };
    for (std::int64_t at = utc(1970, 1, 1); at < utc(2100, 1, 1); at += 30 * kDay) check(at);
    for (const TimeZone::Change& change : zone->changes()) {
      if (change.at < 0 || change.at > utc(2100, 1, 1)) continue;
      for (const int beside : {-1, 0, 1}) check(change.at + beside);
    }
    ++zones;
  }
  if (before != nullptr) {
    setenv("TZ", kept.c_str(), 1);
  } else {
    unsetenv("TZ");
  }
  tzset();
  EXPECT_GT(zones, 400U);
}

TEST(TimeZone, SaysWhatIsNoZone) {
  EXPECT_THAT(load_zone("Europe/Berln").error(), HasSubstr("did you mean Europe/Berlin?"));
  EXPECT_THAT(load_zone("europe/berlin").error(), HasSubstr("did you mean Europe/Berlin?"));
  EXPECT_EQ(load_zone("Nowhere/AtAllAnywhereInTheWorld").error(),
            "is no time zone that the system knows");
  EXPECT_THAT(load_zone("Europe").error(), HasSubstr("no time zone that the system knows"));
  for (const char* name :
       {"", "/etc/passwd", "../../../etc/passwd", "Europe/../Europe/Berlin", "Europe//Berlin",
        "Europe/", "zone.tab", "+02", "Europe/Berlin\n", "Europe/ Berlin", "Europe/.Berlin"}) {
    EXPECT_FALSE(zone_file(name)) << name;
    EXPECT_THAT(load_zone(name).error(), HasSubstr("is no time zone: write")) << name;
  }
}

TEST(TimeZone, RefusesFilesThatAreBroken) {
  const std::string good = content("/usr/share/zoneinfo/Europe/Dublin");
  ASSERT_TRUE(TimeZone::parse(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(TimeZone::parse(std::string_view(good).substr(0, size))) << size;
  }
  EXPECT_FALSE(TimeZone::parse(good + "\n"));
  std::string other = good;
  other[4] = '\0';  // a version without times of 64 bits
  EXPECT_FALSE(TimeZone::parse(other));
  other = good;
  other[other.size() - 3] = 'x';
  EXPECT_FALSE(TimeZone::parse(other)) << "its rule";
}

TEST(ZoneRule, ReadsWhatPosixAndItsExtensionWrite) {
  const auto berlin = ZoneRule::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(berlin && berlin->summer);
  EXPECT_EQ(berlin->standard, 3600);
  EXPECT_EQ(berlin->summer->offset, 7200);
  EXPECT_EQ(berlin->summer->begin.seconds_in(2026), utc(2026, 3, 29, 2));
  EXPECT_EQ(berlin->summer->end.seconds_in(2026), utc(2026, 10, 25, 3));
  const auto nuuk = ZoneRule::parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
  ASSERT_TRUE(nuuk && nuuk->summer);
  EXPECT_EQ(nuuk->summer->begin.seconds_in(2026), utc(2026, 3, 28, 23));
  const auto days = ZoneRule::parse("AAA5BBB4:30:15,J60/1:02:03,59");
  ASSERT_TRUE(days && days->summer);
  EXPECT_EQ(days->summer->offset, -(4 * 3600 + 30 * 60 + 15));
  EXPECT_EQ(days->summer->begin.seconds_in(2028), utc(2028, 3, 1, 1, 2) + 3) << "not the 29th";
  EXPECT_EQ(days->summer->begin.seconds_in(2027), utc(2027, 3, 1, 1, 2) + 3);
  EXPECT_EQ(days->summer->end.seconds_in(2028), utc(2028, 2, 29, 2));
  EXPECT_FALSE(ZoneRule::parse("<+0545>-5:45")->summer);
  for (const char* text :
       {"", "CET", "C-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-25", "CET-1:60",
        "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,J0,J365", "CET-1CEST,366,1", "<CET-1", "<CET>",
        "CET-1 ", "CET-1CEST,M3.5.0,M10.5.0,", "<é+1>-1"}) {
    EXPECT_FALSE(ZoneRule::parse(text)) << text;
  }
}

}  // namespace
}  // namespace sallyport::policies::authorize_detail
