#include "policies/authenticate/consumer/hash_places.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace sallyport::policies::authenticate_detail {
namespace {

using Place = HashPlaces::Place;

net::Address at(const std::string& text) { return *net::Address::parse(text); }

// As many as it gets, up to `tries`.
std::vector<Place> taken(HashPlaces& places, const std::string& address, int tries) {
  std::vector<Place> all;
  for (int i = 0; i < tries; ++i) {
    if (auto place = places.take(at(address))) all.push_back(*std::move(place));
  }
  return all;
}

TEST(HashPlaces, ANetworkGetsAQuarterAndOthersTheirs) {
  HashPlaces places;
  std::vector<Place> flood = taken(places, "192.0.2.1", 40);
  EXPECT_EQ(flood.size(), 8U);
  EXPECT_FALSE(places.take(at("192.0.2.254"))) << "of the same network";
  EXPECT_TRUE(places.take(at("192.0.3.1")));
  EXPECT_EQ(taken(places, "2001:db8::1", 40).size(), 8U);
  const auto six = taken(places, "2001:db8::1", 40);
  EXPECT_FALSE(places.take(at("2001:db8::ffff:0:0:1"))) << "of the same /64";
  EXPECT_TRUE(places.take(at("2001:db8:0:1::1")));
}

TEST(HashPlaces, ThereAreSoManyInAll) {
  HashPlaces places;
  std::vector<std::vector<Place>> all;
  for (const char* each : {"192.0.2.1", "192.0.3.1", "192.0.4.1", "192.0.5.1"}) {
    all.push_back(taken(places, each, 8));
    EXPECT_EQ(all.back().size(), 8U);
  }
  EXPECT_FALSE(places.take(at("192.0.6.1")));
  all.front().pop_back();
  EXPECT_TRUE(places.take(at("192.0.6.1")));
}

TEST(HashPlaces, AreGivenBackWhateverBecomesOfTheWork) {
  HashPlaces places;
  for (int round = 0; round < 100; ++round) {
    std::optional<Place> place = places.take(at("192.0.2.1"));
    ASSERT_TRUE(place) << round;
    const Place moved = *std::move(place);  // into work that is dropped before it has begun
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&places, t] {
      for (int i = 0; i < 2000; ++i) (void)places.take(at("192.0." + std::to_string(t) + ".1"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken(places, "192.0.2.1", 40).size(), 8U);
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
