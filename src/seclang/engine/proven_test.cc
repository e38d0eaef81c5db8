#include "seclang/engine/proven.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::seclang {
namespace {

using http::Place;
using http::ProvenValue;
using http::ValueKind;

TEST(Proven, IsATextByWhereItLies) {
  const std::vector<ProvenValue> claims = {
      {.place = Place::query, .kind = ValueKind::integer, .name = "id"}};
  const std::string text = "1234";
  const std::string alike = text;
  Proven proven;
  proven.claim(claims);
  proven.note(Place::query, {.name = "id", .value = text});
  proven.settle();
  EXPECT_TRUE(proven.has(text));
  EXPECT_FALSE(proven.has(alike));
  EXPECT_FALSE(proven.has(std::string_view(text).substr(0, 2)));
  EXPECT_FALSE(proven.has(std::string_view(text).substr(0, 0)));
  proven.clear();
  EXPECT_FALSE(proven.has(text));
}

TEST(Proven, NeedsAClaimAboutPlaceNameAndForm) {
  // In an order that is none, one of them twice, one name of two kinds.
  const std::vector<ProvenValue> claims = {
      {.place = Place::query, .kind = ValueKind::integer, .name = "z"},
      {.place = Place::header, .kind = ValueKind::uuid, .name = "X-Shop"},
      {.place = Place::query, .kind = ValueKind::boolean, .name = "a"},
      {.place = Place::body, .kind = ValueKind::integer, .name = "json.id"},
      {.place = Place::header, .kind = ValueKind::integer, .name = "x-shop"},
      {.place = Place::query, .kind = ValueKind::integer, .name = "z"},
  };
  struct Case {
    Place place;
    std::string name, value;
    bool proven;
  };
  const std::vector<Case> cases = {
      {.place = Place::query, .name = "z", .value = "1", .proven = true},
      {.place = Place::query, .name = "z", .value = "1'", .proven = false},
      {.place = Place::query, .name = "Z", .value = "2", .proven = false},
      {.place = Place::query, .name = "a", .value = "true", .proven = true},
      {.place = Place::query, .name = "a", .value = "3", .proven = false},
      {.place = Place::query, .name = "json.id", .value = "4", .proven = false},
      {.place = Place::body, .name = "json.id", .value = "5", .proven = true},
      {.place = Place::body, .name = "z", .value = "6", .proven = false},
      {.place = Place::cookie, .name = "z", .value = "7", .proven = false},
      {.place = Place::header, .name = "X-SHOP", .value = "8", .proven = true},
      {.place = Place::header,
       .name = "x-Shop",
       .value = "6c2f8862-9ef4-e7a5-106b-c6c1f71b2011",
       .proven = true},
      {.place = Place::header, .name = "X-Shops", .value = "9", .proven = false},
  };
  Proven proven;
  proven.claim(claims);
  for (const Case& c : cases) proven.note(c.place, {.name = c.name, .value = c.value});
  proven.settle();
  for (const Case& c : cases) EXPECT_EQ(proven.has(c.value), c.proven) << c.name << "=" << c.value;
}

TEST(Proven, AreAllOfMany) {
  constexpr std::size_t kMany = 500;
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < kMany; ++i) {
    names.push_back("n" + std::to_string(i * 7 % kMany));
    values.push_back(std::to_string(i));
  }
  std::vector<ProvenValue> claims;
  for (std::size_t i = 0; i < kMany; i += 2) {
    claims.push_back({.place = Place::body, .kind = ValueKind::integer, .name = names[i]});
  }
  Proven proven;
  proven.claim(claims);
  // From the last to the first, so that the order of addresses is not the order of coming.
  for (std::size_t i = kMany; i-- > 0;) {
    proven.note(Place::body, {.name = names[i], .value = values[i]});
  }
  proven.settle();
  for (std::size_t i = 0; i < kMany; ++i) EXPECT_EQ(proven.has(values[i]), i % 2 == 0) << i;
}

}  // namespace
}  // namespace sallyport::seclang
