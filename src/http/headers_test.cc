#include "http/headers.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/text.h"

namespace sallyport::http {
namespace {

class HeadersTest : public testing::Test {
 protected:
  alignas(8) std::array<std::byte, 1024> block_;
  Arena arena_{block_};
  Headers headers_{arena_};
};

TEST(HeaderIds, EveryKnownNameIsFoundInAnyLetterCase) {
  for (unsigned i = 1; i < static_cast<unsigned>(HeaderId::count_); ++i) {
    auto id = static_cast<HeaderId>(i);
    std::string name(header_name(id));
    ASSERT_FALSE(name.empty());
    EXPECT_EQ(header_id(name), id) << name;
    EXPECT_EQ(header_id(text::to_lower(name)), id) << name;
    for (char& c : name) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    EXPECT_EQ(header_id(name), id) << name;
  }
}

TEST(HeaderIds, ANameThatDiffersInOneByteIsUnknown) {
  for (unsigned i = 1; i < static_cast<unsigned>(HeaderId::count_); ++i) {
    const std::string name(header_name(static_cast<HeaderId>(i)));
    for (std::size_t at = 0; at < name.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        std::string changed = name;
        changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << bit));
        if (text::equals_ignoring_case(changed, name)) continue;
        EXPECT_NE(header_id(changed), static_cast<HeaderId>(i)) << changed;
      }
    }
  }
}

TEST(HeaderIds, OtherNamesAreUnknown) {
  for (std::string_view name : {"", "x", "hos", "hostt", "x-custom", "content-lengt",
                                "access-control-allow-credentialss", "content_length"}) {
    EXPECT_EQ(header_id(name), HeaderId::unknown) << name;
  }
}

TEST_F(HeadersTest, FindsByIdAndByName) {
  headers_.add(HeaderId::accept, "a");
  headers_.add("X-Custom", "b");
  headers_.add("accept", "c");
  EXPECT_EQ(headers_.get(HeaderId::accept), "a");
  EXPECT_EQ(headers_.find("ACCEPT")->value(), "a");
  EXPECT_EQ(headers_.find("x-custom")->value(), "b");
  EXPECT_EQ(headers_.find("x-other"), nullptr);
  EXPECT_EQ(headers_.get(HeaderId::host), "");
  EXPECT_FALSE(headers_.maybe_has(HeaderId::host));
}

TEST_F(HeadersTest, RemovedFieldsStayInTheListButAreNotFound) {
  headers_.add(HeaderId::accept, "a");
  headers_.add(HeaderId::accept, "b");
  headers_.add("X-Custom", "c");
  headers_.remove(HeaderId::accept);
  headers_.remove("x-CUSTOM");
  EXPECT_EQ(headers_.find(HeaderId::accept), nullptr);
  EXPECT_FALSE(headers_.maybe_has(HeaderId::accept));
  EXPECT_EQ(headers_.find("x-custom"), nullptr);
  EXPECT_EQ(headers_.size(), 3U);
}

TEST_F(HeadersTest, SetReplacesEveryFieldOfThatName) {
  headers_.add(HeaderId::host, "a");
  headers_.add(HeaderId::host, "b");
  headers_.set(HeaderId::host, "c");
  headers_.set("X-Custom", "1");
  headers_.set("x-custom", "2");
  EXPECT_EQ(headers_.get(HeaderId::host), "c");
  EXPECT_EQ(headers_.find("X-Custom")->value(), "2");
  int left = 0;
  for (const Field& field : headers_) left += field.removed ? 0 : 1;
  EXPECT_EQ(left, 2);
}

TEST_F(HeadersTest, GrowsBeyondAnyNumber) {
  for (int i = 0; i < 1000; ++i) headers_.add("X-Custom", "v");
  EXPECT_EQ(headers_.size(), 1000U);
  EXPECT_EQ(headers_.find("X-Custom")->value(), "v");
}

}  // namespace
}  // namespace sallyport::http
