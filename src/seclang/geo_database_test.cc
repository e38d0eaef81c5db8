#include "seclang/geo_database.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "seclang/bodies/fields_for_test.h"
#include "seclang/parser/load.h"

namespace sallyport::seclang {
namespace {

// MaxMind's format, as small as it gets: values with a control byte (type and size) in front.
std::string text(std::string_view value) {
  return static_cast<char>(2 << 5 | value.size()) + std::string(value);
}
std::string number(unsigned value) {  // 16 bits
  return std::string("\xA2") + static_cast<char>(value >> 8) + static_cast<char>(value & 255);
}
std::string number32(unsigned value) {
  return "\xC4" + std::string("\0\0", 2) + number(value).substr(1);
}
std::string number64(unsigned value) {
  return "\x08\x02" + std::string(6, '\0') + number(value).substr(1);
}
std::string map(std::initializer_list<std::pair<std::string_view, std::string>> entries) {
  std::string all(1, static_cast<char>(7 << 5 | entries.size()));
  for (const auto& [key, value] : entries) all += text(key) + value;
  return all;
}
std::string real(std::string_view big_endian) {
  return "\x68" + std::string(big_endian);  // a double
}

// A database of IPv4 addresses that knows 128.0.0.0/1 only: one node, whose right branch leads to
// the first entry.
std::string database() {
  const std::string place =
      map({{"country", map({{"iso_code", text("XA")}, {"names", map({{"en", text("Nowhere")}})}})},
           {"city", map({{"names", map({{"en", text("Town")}})}})},
           {"location", map({{"latitude", real(std::string_view("\xC0\x20\0\0\0\0\0\0", 8))},
                             {"longitude", text("1.5")},
                             {"metro_code", number(501)}})}});
  const std::string tree("\0\0\1\0\0\x11", 6);  // 24 bits each; 1: nothing, 1 + 16: offset 0
  const std::string meta = map({{"node_count", number32(1)},
                                {"record_size", number(24)},
                                {"ip_version", number(4)},
                                {"database_type", text("Test")},
                                {"languages", std::string("\0\4", 2)},
                                {"binary_format_major_version", number(2)},
                                {"binary_format_minor_version", number(0)},
                                {"build_epoch", number64(1)},
                                {"description", map({})}});
  return tree + std::string(16, '\0') + place + "\xAB\xCD\xEFMaxMind.com" + meta;
}

class GeoDatabaseTest : public ::testing::Test {
 protected:
  GeoDatabaseTest() {
    std::string name = (std::filesystem::temp_directory_path() / "geo_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::ofstream(path("db.mmdb"), std::ios::binary) << database();
    std::ofstream(path("other.dat")) << "not a database";
  }
  ~GeoDatabaseTest() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

  std::filesystem::path folder_;
};

TEST_F(GeoDatabaseTest, knows_places_under_the_keys_of_geo) {
  auto database = GeoDatabase::open(path("db.mmdb"));
  ASSERT_TRUE(database) << database.error();
  HeapArena arena;
  std::vector<Field> place;
  ASSERT_TRUE((*database)->find("198.51.100.1", arena, place));
  EXPECT_EQ(written(place),
            "COUNTRY_CODE=XA|COUNTRY_NAME=Nowhere|CITY=Town|LATITUDE=-8.000000|LONGITUDE=1.5|"
            "DMA_CODE=501");
  EXPECT_FALSE((*database)->find("10.0.0.1", arena, place));
  EXPECT_TRUE(place.empty()) << "what was known of another address is gone";
  EXPECT_FALSE((*database)->find("a.example", arena, place)) << "no name is looked up";
}

TEST_F(GeoDatabaseTest, what_is_none_is_an_error_with_a_name) {
  auto other = GeoDatabase::open(path("other.dat"));
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().find("other.dat"), std::string::npos);
  auto rules = load({{.path = "r.conf", .text = "SecGeoLookupDb " + path("other.dat")}});
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().front().line, 1U);
  EXPECT_NE(rules.error().front().hint.find("MaxMind"), std::string::npos);
  EXPECT_FALSE(load({{.path = "r.conf", .text = "SecGeoLookupDb " + path("none.mmdb")}}));
}

}  // namespace
}  // namespace sallyport::seclang
