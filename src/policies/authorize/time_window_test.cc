#include "policies/authorize/time_window.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sallyport::policies::authorize_detail {
namespace {

std::int64_t utc(int month, int day, int hour, int minute, int year = 2026) {
  const std::chrono::sys_days date = std::chrono::year(year) / month / day;
  return std::chrono::seconds(date.time_since_epoch()).count() + hour * 3600 + minute * 60;
}

TEST(TimeWindow, IsOpenFromItsBeginToBeforeItsEnd) {
  const TimeWindow office({.days = {"mon-fri"}, .from = "08:00", .to = "18:00"});
  // 2026-11-23 is a Monday.
  EXPECT_FALSE(office.contains(utc(11, 23, 7, 59)));
  EXPECT_TRUE(office.contains(utc(11, 23, 8, 0)));
  EXPECT_TRUE(office.contains(utc(11, 27, 17, 59)));
  EXPECT_FALSE(office.contains(utc(11, 27, 18, 0)));
  EXPECT_FALSE(office.contains(utc(11, 28, 12, 0))) << "Saturday";
  EXPECT_FALSE(office.contains(utc(11, 29, 12, 0))) << "Sunday";
}

TEST(TimeWindow, KnowsDaysBefore1970) {
  const TimeWindow wednesday({.days = {"wed"}});
  EXPECT_TRUE(wednesday.contains(utc(12, 31, 23, 59, 1969)));
  EXPECT_FALSE(wednesday.contains(utc(1, 1, 0, 0, 1970)));
  EXPECT_FALSE(wednesday.contains(utc(12, 30, 23, 59, 1969)));
}

TEST(TimeWindow, GoesOnPastMidnightOnTheDayItBeganOn) {
  const TimeWindow night({.days = {"fri"}, .from = "22:00", .to = "06:00"});
  EXPECT_FALSE(night.contains(utc(11, 27, 5, 0))) << "the night of Thursday";
  EXPECT_FALSE(night.contains(utc(11, 27, 21, 59)));
  EXPECT_TRUE(night.contains(utc(11, 27, 22, 0)));
  EXPECT_TRUE(night.contains(utc(11, 28, 5, 59))) << "still the night of Friday";
  EXPECT_FALSE(night.contains(utc(11, 28, 6, 0)));
  EXPECT_FALSE(night.contains(utc(11, 28, 22, 0)));
}

TEST(TimeWindow, CountsInItsZone) {
  const TimeWindow east({.days = {"mon"}, .zone = "+02:00"});
  EXPECT_TRUE(east.contains(utc(11, 22, 22, 0))) << "Monday there";
  EXPECT_FALSE(east.contains(utc(11, 22, 21, 59)));
  EXPECT_FALSE(east.contains(utc(11, 23, 22, 0))) << "Tuesday there";
  const TimeWindow west({.days = {"sun"}, .zone = "-03:30"});
  EXPECT_TRUE(west.contains(utc(11, 23, 3, 29)));
  EXPECT_FALSE(west.contains(utc(11, 23, 3, 30)));
}

TEST(TimeWindow, FollowsTheClocksOfItsZone) {
  const TimeWindow office({.from = "08:00", .to = "18:00", .zone = "Europe/Berlin"});
  EXPECT_FALSE(office.contains(utc(1, 15, 6, 59)));
  EXPECT_TRUE(office.contains(utc(1, 15, 7, 0))) << "winter";
  EXPECT_FALSE(office.contains(utc(7, 15, 5, 59)));
  EXPECT_TRUE(office.contains(utc(7, 15, 6, 0))) << "summer";
  EXPECT_FALSE(office.contains(utc(7, 15, 16, 0)));
  // On the 29th of March no clock there shows half past two, on the 25th of October each does
  // twice.
  const TimeWindow night({.from = "02:00", .to = "03:00", .zone = "Europe/Berlin"});
  for (int minute = 0; minute < 24 * 60; minute += 30) {
    EXPECT_FALSE(night.contains(utc(3, 29, 0, 0) + minute * 60)) << minute;
  }
  EXPECT_TRUE(night.contains(utc(10, 25, 0, 30)));
  EXPECT_TRUE(night.contains(utc(10, 25, 1, 30)));
  EXPECT_FALSE(night.contains(utc(10, 25, 2, 30)));
}

TEST(TimeWindow, RangesOfDaysGoRoundTheWeek) {
  const TimeWindow weekend({.days = {"fri-mon"}});
  EXPECT_TRUE(weekend.contains(utc(11, 27, 0, 0)));
  EXPECT_TRUE(weekend.contains(utc(11, 30, 23, 59)));
  EXPECT_FALSE(weekend.contains(utc(12, 1, 0, 0)));
  EXPECT_FALSE(weekend.contains(utc(11, 26, 23, 59)));
}

}  // namespace
}  // namespace sallyport::policies::authorize_detail
