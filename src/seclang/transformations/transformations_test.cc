// What each transformation does, in cases; and that a value which does not change is not copied.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "seclang/transformations/transformation.h"
#include "seclang/transformations/unicode_map.h"

namespace sallyport::seclang {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view name;
  std::string_view in;
  std::string_view out;
};

std::string apply(std::string_view name, std::string_view in, const UnicodeMap* map = nullptr) {
  alignas(8) std::array<std::byte, 256> block;
  Arena arena(block);
  const Transformation* transformation = find_transformation(name);
  if (transformation == nullptr) return "no such transformation";
  return std::string(transformation->apply(in, {.arena = arena, .unicode_map = map}));
}

constexpr Case kCases[] = {
    {"base64Decode", "VGVzdA==", "Test"},
    {"base64Decode", "VGVz\r\ndA==", "Test"},
    {"base64Decode", "VGVz  \ndA==  ", "Test"},
    {"base64Decode", "VGVz dA==", ""},
    {"base64Decode", "VGVzd", "Tes"},
    {"base64Decode", "VGVz!", ""},
    {"base64Decode", "VGVz\0!"sv, "Tes"},
    {"base64Decode", "V===", ""},
    {"base64Decode", "VA==VA==", ""},
    {"base64DecodeExt", "VGVz!dA", "Test"},
    {"base64DecodeExt", "V-G.V_z", "Tes"},
    {"base64DecodeExt", "VGVzV=", ""},
    {"base64DecodeExt", "VGVz9", ""},
    {"base64Encode", "Test", "VGVzdA=="},
    {"base64Encode", "\xFF\0"sv, "/wA="},
    {"cmdLine", "C^at  \"/etc\" /x", "cat/etc/x"},
    {"cmdLine", "a , ;b(", "a b("},
    {"cmdLine", "a (", "a("},
    {"cmdLine", "a  b", "a b"},
    {"compressWhitespace", " a\t\n b\v", " a b "},
    {"compressWhitespace", "a\xA0\xA0", "a\xA0\xA0"},
    {"cssDecode", "\\6a\\00006aavascript", "jjavascript"},
    {"cssDecode", "\\ff21\\00ff21\\0fff21", "AA!"},
    {"cssDecode", "a\\\nb\\q\\", "abq"},
    {"cssDecode", "\\61 b", "ab"},
    {"cssDecode", "a\\0 b", "a"},
    {"cssDecode", "a\0b"sv, "a"},
    {"escapeSeqDecode", "\\x41\\101\\n\\q\\xZ\\", "AA\nqxZ\\"},
    {"escapeSeqDecode", "\\777", "\xFF"},
    {"hexDecode", "414243", "ABC"},
    {"hexDecode", "414", "A"},
    {"hexEncode", "A\xFF", "41ff"},
    {"htmlEntityDecode", "&lt;&GT&#65;&#x42&#X43;&quot;&nbsp;", "<>ABC\"\xA0"},
    {"htmlEntityDecode", "&amp;lt;", "&lt;"},
    {"htmlEntityDecode", "&ampx;&#;&#x;&", "&ampx;&#;&#x;&"},
    {"htmlEntityDecode", "&#99999999999999999999;", "\xFF"},
    {"jsDecode", "\\u0041\\x42\\103\\n\\q\\", "ABC\nq\\"},
    {"jsDecode", "\\uff21\\u12", "Au12"},
    {"jsDecode", "\\477",
     "\x27"
     "7"},
    {"length", "", "0"},
    {"length", "abc", "3"},
    {"lowercase", "AbC\xC3", "abc\xC3"},
    {"uppercase", "AbC\xE3", "ABC\xE3"},
    {"md5", "", "\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e"sv},
    {"sha1", "abc",
     "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d"sv},
    {"normalizePath", "/a/./b/../c", "/a/c"},
    {"normalizePath", "//a//b/", "/a/b/"},
    {"normalizePath", "/../a", "/a"},
    {"normalizePath", "../a/../b", "../b"},
    {"normalizePath", "a/..", ""},
    {"normalizePath", "/a/..", ""},
    {"normalizePath", "\\a\\b", "\\a\\b"},
    {"normalizePathWin", "\\a\\.\\b", "/a/b"},
    {"parityEven7bit", "ab", "\xE1\xE2"},
    {"parityOdd7bit", "ac", "a\xE3"},
    {"parityZero7bit", "\xE1z", "az"},
    {"phpArgsNames", " a.b", "a_b"},
    {"phpArgsNames", "a[b.c][ ]d", "a[b.c][]"},
    {"phpArgsNames", "a[b.c", "a_b.c"},
    {"phpArgsNames", "[a", ""},
    {"removeComments", "a/*b*/ c", "a c"},
    {"removeComments", "a<!--b*/c--d", "ac"},
    {"removeComments", "a/*b", "a "},
    {"removeComments", "a#b", "a"},
    {"removeComments", "/**/", "\0"sv},
    {"removeCommentsChar", "a/*b*/<!--c-->--#d", "abcd"},
    {"removeCommentsChar", "-#-", "--"},
    {"removeNulls", "a\0b\0"sv, "ab"},
    {"removeWhitespace", " a\tb\xC2\xA0", "ab"},
    {"replaceComments", "a/*b*/c/*d", "a c "},
    {"replaceComments", "a*/b", "a*/b"},
    {"replaceNulls", "a\0b"sv, "a b"},
    {"sqlHexDecode", "0x414243", "ABC"},
    {"sqlHexDecode", "x0X41b", "xAb"},
    {"sqlHexDecode", "abc", "ab"},
    {"sqlHexDecode", "0x410042c", "A"},
    {"trim", " \t a b\n", "a b"},
    {"trimLeft", " a ", "a "},
    {"trimRight", " a ", " a"},
    {"urlDecode", "a+%41%zz%4%", "a A%zz%4%"},
    {"urlDecode", "%u0041", "%u0041"},
    {"urlDecodeUni", "%u0041%U1242%uff21%u12%41+", "ABA%u12A "},
    {"urlEncode", "a b*\xFF", "a+b*%ff"},
    {"utf8toUnicode", "\xC3\xA9 \xE2\x82\xAC", "%u00e9 %u20ac"},
    {"utf8toUnicode", "\xF0\x9F\x98\x80", "%u1f600"},
    {"utf8toUnicode", "a\xC3z\x80\xFF", "az\x80\xFF"},
    {"utf8toUnicode", "\xC1\x81", "%u0041\xC1"},
    {"utf8toUnicode", "a\0b"sv, "ab"},
};

TEST(Transformations, DoWhatModSecurityDoes) {
  for (const Case& c : kCases) EXPECT_EQ(apply(c.name, c.in), c.out) << c.name << " of " << c.in;
}

TEST(Transformations, EachHasACase) {
  std::set<std::string_view> tried;
  for (const Case& c : kCases) tried.insert(c.name);
  for (const Transformation& t : transformations()) EXPECT_TRUE(tried.contains(t.name)) << t.name;
}

TEST(Transformations, LeaveAnUnchangedValueWhereItIs) {
  constexpr std::string_view kPlain = "abc123";
  const std::set<std::string_view> always_change = {
      "base64Decode", "base64DecodeExt", "base64Encode", "hexDecode",
      "hexEncode",    "length",          "md5",          "sha1",
      "sqlHexDecode", "parityEven7bit",  "uppercase",    "parityOdd7bit"};
  alignas(8) std::array<std::byte, 256> block;
  Arena arena(block);
  for (const Transformation& t : transformations()) {
    if (always_change.contains(t.name)) continue;
    std::string_view out = t.apply(kPlain, {.arena = arena});
    EXPECT_EQ(out.data(), kPlain.data()) << t.name;
    EXPECT_EQ(out.size(), kPlain.size()) << t.name;
  }
}

// A value may hold what a transformation looks for, and still come out the same.
TEST(Transformations, LeaveAValueWhereItIsWhenItComesOutTheSame) {
  constexpr Case kSame[] = {
      {"urlDecode", "100%", {}},
      {"htmlEntityDecode", "a & b &foo;", {}},
      {"normalizePath", "../a.", {}},
      {"cmdLine", "a b", {}},
      {"compressWhitespace", "a b", {}},
      {"removeCommentsChar", "a-b*c", {}},
      {"escapeSeqDecode", "a\\", {}},
      {"length", "1", {}},
      {"trim", "a b", {}},
      {"urlDecodeUni", "%u12", {}},
  };
  alignas(8) std::array<std::byte, 256> block;
  Arena arena(block);
  for (const Case& c : kSame) {
    std::string_view out = find_transformation(c.name)->apply(c.in, {.arena = arena});
    EXPECT_EQ(out.data(), c.in.data()) << c.name;
    EXPECT_EQ(out.size(), c.in.size()) << c.name;
  }
}

TEST(Transformations, TakeAnEmptyValue) {
  for (const Transformation& t : transformations()) {
    std::string out = apply(t.name, {});
    std::size_t size = t.name == "md5" ? 16 : t.name == "sha1" ? 20 : t.name == "length" ? 1 : 0;
    EXPECT_EQ(out.size(), size) << t.name;
  }
}

TEST(Transformations, AreFoundInAnyCaseAndByOldNames) {
  EXPECT_EQ(find_transformation("URLDECODEUNI")->name, "urlDecodeUni");
  EXPECT_EQ(find_transformation("normalisePathWin")->name, "normalizePathWin");
  EXPECT_EQ(find_transformation("none"), nullptr);
  EXPECT_EQ(find_transformation(""), nullptr);
}

constexpr std::string_view kMapFile =
    "(MAC - Roman)\n\n\n"
    "1250  (ANSI - Central Europe)\n00a1:21 ff21:5a\n\n"
    "20127 (US-ASCII)\n00a0:20 00a1:22 \n0434:64\n\n\n"
    "20261 (T.61)\n00a1:23\n";

TEST(UnicodeMap, DecidesWhatUrlDecodeUniMakesOfACodePoint) {
  auto map = UnicodeMap::parse(kMapFile, 20127);
  ASSERT_TRUE(map.has_value()) << map.error();
  EXPECT_EQ(apply("urlDecodeUni", "%u0434%u00a1%u00A0", map->get()), "d\" ");
  EXPECT_EQ(apply("urlDecodeUni", "%uff21%u1241", map->get()), "AA");  // not in the map
  EXPECT_EQ(apply("urlDecodeUni", "%u3002%uff61", map->get()), "..");  // in every map
}

TEST(UnicodeMap, ReadsOnlyItsCodePage) {
  auto map = UnicodeMap::parse(kMapFile, 1250);
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ((*map)->find(0xA1), '!');
  EXPECT_EQ((*map)->find(0xFF21), 'Z');
  EXPECT_EQ((*map)->find(0x0434), std::nullopt);
  EXPECT_EQ((*map)->find(0x10000), std::nullopt);
}

TEST(UnicodeMap, SaysWhatIsWrong) {
  EXPECT_EQ(UnicodeMap::parse(kMapFile, 5).error(), "there is no code page 5 in it");
  EXPECT_EQ(UnicodeMap::parse("", 5).error(), "there is no code page 5 in it");
  EXPECT_EQ(UnicodeMap::parse("5 x\n0041:zz\n", 5).error(),
            "'0041:zz' is not a pair of a code point and a byte");
  EXPECT_FALSE(UnicodeMap::parse("5 x\n10000:20\n", 5).has_value());
  EXPECT_FALSE(UnicodeMap::parse("5 x\n0041:100\n", 5).has_value());
}

}  // namespace
}  // namespace sallyport::seclang
