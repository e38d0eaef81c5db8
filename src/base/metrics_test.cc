#include "base/metrics.h"

#include <gtest/gtest.h>

#include <limits>

namespace sallyport {
namespace {

TEST(Metrics, CountersAndGaugesHoldWhatWasAdded) {
  Counter counter;
  counter.add();
  counter.add(41);
  EXPECT_EQ(counter.value(), 42U);
  Gauge gauge;
  gauge.add(3);
  gauge.add(-5);
  EXPECT_EQ(gauge.value(), -2);
  gauge.set(9);
  EXPECT_EQ(gauge.value(), 9);
}

TEST(Metrics, ADurationFallsIntoTheFirstBucketThatHoldsIt) {
  auto slow_bucket = [](std::uint64_t n) {
    std::size_t i = 0;
    while (i < Histogram::kBounds.size() && n > Histogram::kBounds[i]) ++i;
    return i;
  };
  for (std::uint64_t bound : Histogram::kBounds) {
    for (std::uint64_t n : {bound - 1, bound, bound + 1}) {
      EXPECT_EQ(Histogram::bucket(n), slow_bucket(n)) << n;
    }
  }
  EXPECT_EQ(Histogram::bucket(0), 0U);
  EXPECT_EQ(Histogram::bucket(std::numeric_limits<std::uint64_t>::max()),
            Histogram::kBounds.size());
}

TEST(Metrics, AHistogramKeepsCountsAndSum) {
  Histogram histogram;
  histogram.observe(400'000);
  histogram.observe(700'000);
  histogram.observe(90'000'000'000);
  EXPECT_EQ(histogram.count(0), 1U);
  EXPECT_EQ(histogram.count(1), 1U);
  EXPECT_EQ(histogram.count(Histogram::kBounds.size()), 1U);
  EXPECT_EQ(histogram.sum_nanoseconds(), 90'001'100'000U);
}

}  // namespace
}  // namespace sallyport
