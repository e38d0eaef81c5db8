#include "http/proven_values.h"

#include <gtest/gtest.h>

#include <array>

namespace sallyport::http {
namespace {

TEST(ProvenValues, HaveTheFormOfTheirKindAndNothingBesides) {
  struct Case {
    ValueKind kind;
    std::string_view text;
    bool fits;
  };
  for (const Case& c : {
           Case{ValueKind::uuid, "6c2f8862-9ef4-e7a5-106b-c6c1f71B2011", true},
           Case{ValueKind::uuid, "6c2f8862-9ef4-e7a5-106b-c6c1f71b201", false},
           Case{ValueKind::uuid, "6c2f8862-9ef4-e7a5-106b-c6c1f71b20110", false},
           Case{ValueKind::uuid, "6c2f88629ef4e7a5106bc6c1f71b20110000", false},
           Case{ValueKind::uuid, "6c2f8862-9ef4-e7a5-106b-c6c1f71b201'", false},
           Case{ValueKind::integer, "0", true},
           Case{ValueKind::integer, "-9223372036854775808", true},
           Case{ValueKind::integer, "12345678901234567890", false},
           Case{ValueKind::integer, "", false},
           Case{ValueKind::integer, "-", false},
           Case{ValueKind::integer, "--1", false},
           Case{ValueKind::integer, "+1", false},
           Case{ValueKind::integer, "1 ", false},
           Case{ValueKind::integer, "1e3", false},
           Case{ValueKind::integer, "1\n", false},
           Case{ValueKind::integer, std::string_view("1\0", 2), false},
           Case{ValueKind::boolean, "true", true},
           Case{ValueKind::boolean, "false", true},
           Case{ValueKind::boolean, "True", false},
           Case{ValueKind::boolean, "1", false},
           Case{ValueKind::date, "2026-11-22", true},
           Case{ValueKind::date, "2026-11-22T06:17:00Z", true},
           Case{ValueKind::date, "2026-11-22T06:17:00.123+01:00", true},
           Case{ValueKind::date, "2026-11-22T06:17:00.123-01:00", true},
           Case{ValueKind::date, "2026-11-22T06:17:00", false},
           Case{ValueKind::date, "2026-11-22T06:17:00.Z", false},
           Case{ValueKind::date, "2026-11-22T06:17:00.1234567890Z", false},
           Case{ValueKind::date, "2026-11-22T", false},
           Case{ValueKind::date, "2026-11-22 or 1=1", false},
           Case{ValueKind::date, "", false},
       }) {
    EXPECT_EQ(has_form(c.text, c.kind), c.fits) << c.text;
  }
}

TEST(ProvenValues, CoverWhatStandsWhereTheyWereProven) {
  const ProvenValue id{.place = Place::query, .kind = ValueKind::integer, .name = "id"};
  EXPECT_TRUE(id.covers(Place::query, "id", "7"));
  EXPECT_FALSE(id.covers(Place::query, "id", "7 or 1"));
  EXPECT_FALSE(id.covers(Place::query, "ID", "7"));
  EXPECT_FALSE(id.covers(Place::body, "id", "7"));
  const ProvenValue header{.place = Place::header, .kind = ValueKind::integer, .name = "X-Shop"};
  EXPECT_TRUE(header.covers(Place::header, "x-shop", "7"));
  EXPECT_FALSE(header.covers(Place::cookie, "x-shop", "7"));
}

TEST(ProvenValues, KeepNamesOfTheirOwn) {
  std::array<std::byte, 64> block{};
  Arena arena(block);
  ProvenValues values(arena);
  EXPECT_TRUE(values.all().empty());
  for (int i = 0; i < 100; ++i) values.add(Place::body, std::to_string(i), ValueKind::date);
  ASSERT_EQ(values.all().size(), 100U);
  EXPECT_EQ(values.all()[0].name, "0");
  EXPECT_EQ(values.all()[99].name, "99");
  EXPECT_EQ(values.all()[99].kind, ValueKind::date);
}

}  // namespace
}  // namespace sallyport::http
