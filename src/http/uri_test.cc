#include "http/uri.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include "http/reasons.h"

namespace sallyport::http {
namespace {

struct Case {
  std::string target;
  const Reason* reason = nullptr;  // null: accepted
  std::string path;
  std::optional<std::string> query;
  std::string authority;
};

class UriTest : public testing::Test {
 protected:
  Result<Target> parse(std::string_view target, bool options = false, bool merge = false) {
    // A heap copy of the exact size lets the sanitizer see every byte read beyond it.
    copy_ = std::string(target);
    copy_.shrink_to_fit();
    return parse_target(copy_, options, merge, arena_);
  }

  void check(const Case& c, bool options = false, bool merge = false) {
    SCOPED_TRACE(c.target);
    Result<Target> target = parse(c.target, options, merge);
    if (c.reason != nullptr) {
      ASSERT_FALSE(target.has_value());
      EXPECT_EQ(target.error().reason->code, c.reason->code);
      return;
    }
    ASSERT_TRUE(target.has_value()) << target.error().reason->code;
    EXPECT_EQ(target->path, c.path);
    EXPECT_EQ(target->has_query, c.query.has_value());
    EXPECT_EQ(target->query, c.query.value_or(""));
    EXPECT_EQ(target->authority, c.authority);
  }

  alignas(8) std::array<std::byte, 1024> block_;
  Arena arena_{block_};
  std::string copy_;
};

TEST_F(UriTest, APathIsNormalisedOnce) {
  for (const auto& [target, path] : std::initializer_list<std::pair<const char*, const char*>>{
           {"/", "/"},
           {"/a/b", "/a/b"},
           {"/a/b/", "/a/b/"},
           {"//a//b", "//a//b"},
           {"/a;b=c,d:e@f!$&'()*+=", "/a;b=c,d:e@f!$&'()*+="},
           {"/[a]", "/[a]"},
           {"/%61%2D%5f%7E%2e1", "/a-_~.1"},
           {"/%c3%a9", "/%C3%A9"},
           {"/%3f%23%25%20", "/%3F%23%25%20"},
           {"/%252e%252e/", "/%252e%252e/"},
           {"/.", "/"},
           {"/./", "/"},
           {"/a/.", "/a/"},
           {"/a/./b", "/a/b"},
           {"/a/..", "/"},
           {"/a/../", "/"},
           {"/a/b/../c", "/a/c"},
           {"/a/b/..", "/a/"},
           {"/a/b/%2e%2E/c", "/a/c"},
           {"/a//../b", "/a/b"},
           {"/a/...", "/a/..."},
           {"/.a/..b/c.", "/.a/..b/c."},
           {"/a.b;c", "/a.b;c"},
           {"/a-long-path/with-segments/0123456789/and.dots/_/~u/x",
            "/a-long-path/with-segments/0123456789/and.dots/_/~u/x"},
       }) {
    check({.target = target, .path = path});
  }
}

TEST_F(UriTest, WhatCanBeReadInTwoWaysIsRefused) {
  using namespace reasons;
  for (const auto& [target, reason] : std::initializer_list<std::pair<std::string, const Reason*>>{
           {"", &kBadTarget},
           {"*", &kBadTarget},
           {"a", &kBadTarget},
           {"a/b", &kBadTarget},
           {"?a", &kBadTarget},
           {"example.com:80", &kBadTarget},
           {"ftp://example.com/", &kBadTarget},
           {"http:/a", &kBadTarget},
           {"https:example.com", &kBadTarget},
           {"/..", &kPathAboveRoot},
           {"/../a", &kPathAboveRoot},
           {"/a/../../b", &kPathAboveRoot},
           {"/%2e%2e/a", &kPathAboveRoot},
           {"/a/.%2e/.%2E", &kPathAboveRoot},
           {"/..;/a", &kDotSegmentParameter},
           {"/a/..;x=y", &kDotSegmentParameter},
           {"/a/.;", &kDotSegmentParameter},
           {"/a/%2e%2e;/b", &kDotSegmentParameter},
           {"/a/..%3bx/b", &kDotSegmentParameter},
           {"/a%2fb", &kEncodedSeparator},
           {"/a%2Fb", &kEncodedSeparator},
           {"/a%5cb", &kEncodedSeparator},
           {"/a%00b", &kEncodedControl},
           {"/a%0d%0ab", &kEncodedControl},
           {"/a%1f", &kEncodedControl},
           {"/a%7F", &kEncodedControl},
           {"/%", &kBadPercentEscape},
           {"/%4", &kBadPercentEscape},
           {"/%4/", &kBadPercentEscape},
           {"/%zz", &kBadPercentEscape},
           {"/%-1", &kBadPercentEscape},
           {"/a?b=%", &kBadPercentEscape},
           {"/a?b=%g0", &kBadPercentEscape},
           {"/a#b", &kFragmentInTarget},
           {"/a?b#c", &kFragmentInTarget},
           {"/a\\b", &kBadTargetCharacter},
           {"/a b", &kBadTargetCharacter},
           {"/a\tb", &kBadTargetCharacter},
           {std::string("/a\0b", 4), &kBadTargetCharacter},
           {"/a\x7f", &kBadTargetCharacter},
           {"/caf\xc3\xa9", &kBadTargetCharacter},
           {"/<a>", &kBadTargetCharacter},
           {"/\"a\"", &kBadTargetCharacter},
           {"/{a}", &kBadTargetCharacter},
           {"/a|b", &kBadTargetCharacter},
           {"/a^b", &kBadTargetCharacter},
           {"/a`b", &kBadTargetCharacter},
           {"/a?b=\"c\"", &kBadTargetCharacter},
           {"/a?b=<c>", &kBadTargetCharacter},
           {"/a?b=\xc3\xa9", &kBadTargetCharacter},
           {"/a?b c", &kBadTargetCharacter},
           {"http:///a", &kBadHost},
           {"http://", &kBadHost},
           {"http://user@example.com/", &kBadHost},
           {"http://example.com:/", &kBadHost},
           {"http://example.com:65536/", &kBadHost},
           {"http://example.com\\a/", &kBadHost},
           {"http://[::1/", &kBadHost},
       }) {
    check({.target = target, .reason = reason});
  }
}

TEST_F(UriTest, EveryByteIsJudgedTheSameWhereverItStands) {
  for (unsigned c = 0; c < 256; ++c) {
    std::string first = "/" + std::string(1, static_cast<char>(c)) + "aa";
    std::string late = "/aaaaaaaaaaaaaaaaaaaaaaaaaaaa" + std::string(1, static_cast<char>(c)) +
                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    EXPECT_EQ(parse(first).has_value(), parse(late).has_value()) << c;
  }
}

TEST_F(UriTest, AQueryIsCheckedAndKept) {
  check({.target = "/a?", .path = "/a", .query = ""});
  check({.target = "/a??", .path = "/a", .query = "?"});
  check({.target = "/a?b=c&d[]={e}|f^`\\/%2f%00%41",
         .path = "/a",
         .query = "b=c&d[]={e}|f^`\\/%2f%00%41"});
  check({.target = "/a/../b?/../c", .path = "/b", .query = "/../c"});
}

TEST_F(UriTest, SlashesAreMergedOnRequestOnly) {
  check({.target = "//a///b//", .path = "/a/b/"}, false, true);
  check({.target = "//", .path = "/"}, false, true);
  check({.target = "/a//..//b", .path = "/b"}, false, true);
  check({.target = "/a?b//c", .path = "/a", .query = "b//c"}, false, true);
  check({.target = "/0123456789abcdef//b", .path = "/0123456789abcdef/b"}, false, true);
  check({.target = "/0123456789abcdef//b", .path = "/0123456789abcdef//b"});
}

TEST_F(UriTest, TheAsteriskIsForOptions) {
  check({.target = "*", .path = "*"}, true);
  check({.target = "http://a.example", .path = "*", .authority = "a.example"}, true);
  check({.target = "http://a.example/", .path = "/", .authority = "a.example"}, true);
  check({.target = "**", .reason = &reasons::kBadTarget}, true);
}

TEST_F(UriTest, TheAbsoluteFormHasAnAuthority) {
  check({.target = "http://A.Example:8080/b/../c?d",
         .path = "/c",
         .query = "d",
         .authority = "a.example:8080"});
  check({.target = "HTTPS://[2001:DB8::1]", .path = "/", .authority = "[2001:db8::1]"});
  check({.target = "http://a.example?b=c", .path = "/", .query = "b=c", .authority = "a.example"});
  Result<Target> target = parse("https://a.example/");
  ASSERT_TRUE(target.has_value());
  EXPECT_TRUE(target->absolute);
  EXPECT_TRUE(target->https);
  EXPECT_EQ(target->port, 443);
  EXPECT_EQ(target->host, "a.example");
}

TEST_F(UriTest, APathThatStaysAsItIsIsNotCopied) {
  Result<Target> target = parse("/a/b.c?d");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path.data(), copy_.data());
}

TEST_F(UriTest, AnAuthorityIsAHostAndAnOptionalPort) {
  struct Good {
    const char* text;
    const char* host;
    const char* lower;
    bool has_port;
    std::uint16_t port;
  };
  for (const Good& c : std::initializer_list<Good>{
           {"example.com", "example.com", "example.com", false, 0},
           {"Example.COM:443", "example.com", "example.com:443", true, 443},
           {"a_b-c~d=e+f!g$h&i", "a_b-c~d=e+f!g$h&i", "a_b-c~d=e+f!g$h&i", false, 0},
           {"127.0.0.1:0", "127.0.0.1", "127.0.0.1:0", true, 0},
           {"[::1]", "[::1]", "[::1]", false, 0},
           {"[::FFFF:1.2.3.4]:65535", "[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]:65535", true, 65535},
       }) {
    Result<Authority> authority = parse_authority(c.text, arena_);
    ASSERT_TRUE(authority.has_value()) << c.text;
    EXPECT_EQ(authority->host, c.host);
    EXPECT_EQ(authority->text, c.lower);
    EXPECT_EQ(authority->has_port, c.has_port);
    EXPECT_EQ(authority->port, c.port);
  }
  for (std::string_view text : {"",
                                ":80",
                                "a:",
                                "a:b",
                                "a:65536",
                                "a:000080",
                                "a:-1",
                                "a:+1",
                                "a:80:90",
                                "a b",
                                "a,b",
                                "a@b",
                                "a/b",
                                "a?b",
                                "a#b",
                                "a\\b",
                                "a%41",
                                "a;b",
                                "a'b",
                                "a(b)",
                                "a*b",
                                "[",
                                "[]",
                                "[::1",
                                "::1",
                                "[::1]a",
                                "[::1]:",
                                "[1.2.3.4]",
                                "[v1.a]",
                                "[fe80::1%25eth0]",
                                "[fe80::1%eth0]",
                                "\xc3\xa9.example",
                                "[::1]]"}) {
    EXPECT_FALSE(parse_authority(text, arena_).has_value()) << text;
  }
}

}  // namespace
}  // namespace sallyport::http
