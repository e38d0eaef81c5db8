#include "telemetry/masking.h"

#include <gtest/gtest.h>

#include <array>

namespace sallyport::telemetry {
namespace {

std::string masked(const MaskedNames& names, std::string_view query) {
  std::array<std::byte, 1024> memory;
  Arena arena(memory);
  return std::string(names.mask(query, arena));
}

struct Case {
  std::string_view query;
  std::string_view expected;
};

TEST(Masking, HidesTheValuesOfSensitiveParameters) {
  constexpr auto kCases = std::to_array<Case>({
      {"", ""},
      {"page=2&sort=date", "page=2&sort=date"},
      {"token=abc", "token=***"},
      {"a=1&token=abc&b=2", "a=1&token=***&b=2"},
      {"token=abc&token=def", "token=***&token=***"},
      {"token=", "token="},
      {"token", "token"},
      {"token=a=b=c&x=y", "token=***&x=y"},
      {"Access_Token=x", "Access_Token=***"},
      {"access-token=x", "access-token=***"},
      {"accessToken=x", "accessToken=***"},
      {"%74oken=x", "%74oken=***"},
      {"to%6ben=x", "to%6ben=***"},
      {"+token=x", "+token=***"},
      {"a=1;token=x", "a=1;token=***"},
      {"user[password]=x", "user[password]=***"},
      {"user%5Bpassword%5D=x", "user%5Bpassword%5D=***"},
      {"user.password=x", "user.password=***"},
      {"token[]=x", "token[]=***"},
      {"X-Amz-Signature=x&X-Amz-Date=y", "X-Amz-Signature=***&X-Amz-Date=y"},
      {"tokens=x&keys=y&keyboard=z", "tokens=x&keys=y&keyboard=z"},
      {"&&=x&=&token=1&&", "&&=x&=&token=***&&"},
      {"%=1&%4=2&%zz=3&token%=4", "%=1&%4=2&%zz=3&token%=4"},
      {"key=k&sig=s&code=c&secret=x", "key=***&sig=***&code=***&secret=***"},
  });
  MaskedNames names;
  for (const Case& c : kCases) EXPECT_EQ(masked(names, c.query), c.expected);
}

TEST(Masking, EveryDefaultIsMasked) {
  MaskedNames names;
  EXPECT_GE(default_masked_parameters().size(), 40U);
  for (std::string_view name : default_masked_parameters()) {
    EXPECT_TRUE(names.masks_parameter(name)) << name;
    std::string query = std::string(name) + "=value";
    EXPECT_EQ(masked(names, query), std::string(name) + "=***");
  }
}

TEST(Masking, ConfiguredNamesAreMaskedToo) {
  MaskedNames names({"PIN-Code", "x"}, {"Referer"});
  EXPECT_EQ(masked(names, "pincode=1&x=2&y=3"), "pincode=***&x=***&y=3");
  EXPECT_TRUE(names.masks_referer());
  EXPECT_FALSE(names.masks_user_agent());
}

TEST(Masking, ALongNameDoesNotHideItsEnd) {
  std::string name(1000, '-');
  EXPECT_TRUE(MaskedNames().masks_parameter(name + "token"));
  EXPECT_FALSE(MaskedNames().masks_parameter(name));
}

TEST(Masking, ManyShortSecretsFitTheCopy) {
  MaskedNames names({"x"}, {});
  std::string query = "x=1";
  std::string expected = "x=***";
  for (int i = 0; i < 500; ++i) {
    query += "&x=1";
    expected += "&x=***";
  }
  EXPECT_EQ(masked(names, query), expected);
}

}  // namespace
}  // namespace sallyport::telemetry
