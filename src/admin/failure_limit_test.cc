#include "admin/failure_limit.h"

#include <gtest/gtest.h>

namespace sallyport::admin {
namespace {

int taken(FailureLimit& limit, const std::string& address, std::uint64_t now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limit.take(address, now) ? 1 : 0;
  return count;
}

TEST(FailureLimit, IsPerAddressAndComesBackWithTime) {
  FailureLimit limit;
  EXPECT_EQ(taken(limit, "10.0.0.1", 0, 50), 10);
  EXPECT_EQ(taken(limit, "10.0.0.2", 0, 50), 10);
  EXPECT_EQ(taken(limit, "10.0.0.1", 6'000, 50), 1);
  EXPECT_EQ(taken(limit, "10.0.0.1", 66'000, 50), 10);
  EXPECT_EQ(taken(limit, "10.0.0.1", 1'000, 50), 0) << "a clock that goes back gives nothing";
}

TEST(FailureLimit, IsForAllAddressesTogether) {
  FailureLimit limit;
  int count = 0;
  for (int i = 0; i < 5000; ++i) count += taken(limit, std::to_string(i), 0, 1);
  EXPECT_EQ(count, 100);
  EXPECT_EQ(taken(limit, "another", 60'000, 50), 10);
}

}  // namespace
}  // namespace sallyport::admin
