#include "seclang/tokens/libinjection.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "seclang/test_corpus.h"

namespace sallyport::seclang {
namespace {

const Libinjection& library() {
  auto loaded = Libinjection::load();
  EXPECT_TRUE(loaded.has_value()) << loaded.error();
  return **loaded;
}

TEST(Libinjection, TellsInjectionsFromText) {
  Fingerprint fingerprint;
  EXPECT_TRUE(library().sqli("1 OR 1=1 --", fingerprint));
  EXPECT_EQ(fingerprint.view(), "1&1c");
  EXPECT_FALSE(library().sqli("", fingerprint));
  EXPECT_FALSE(library().sqli({}, fingerprint));
  EXPECT_FALSE(library().sqli("a perfectly good sentence", fingerprint));
  EXPECT_TRUE(library().xss("<svg onload=alert(1)>"));
  EXPECT_TRUE(library().xss("x\" onclick=alert(1) "));
  EXPECT_FALSE(library().xss("a = b"));
  EXPECT_FALSE(library().xss({}));
}

std::string random_text(std::mt19937& random, std::size_t most, std::string_view alphabet) {
  std::string out;
  for (std::size_t n = random() % most + 1; n > 0; --n) out += alphabet[random() % alphabet.size()];
  return out;
}

// What is answered without asking must be what the library would answer.
TEST(Libinjection, WordsAndNumbersNeverAreSqli) {
  std::mt19937 random(1);
  static constexpr std::string_view kWord =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  static constexpr std::array<std::string_view, 24> kKeywords{
      "select", "union",   "or",     "and",  "null", "exec",    "sp_password", "having",
      "limit",  "like",    "not",    "in",   "is",   "between", "x",           "e",
      "n",      "waitfor", "delete", "drop", "case", "collate", "binary",      "0x1F"};
  int skipped = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string value;
    switch (round % 4) {
      case 0:
        value = random_text(random, 40, kWord);
        break;
      case 1:
        value = random_text(random, 6, kWord);
        break;
      case 2:
        value = random_text(random, 30, "0123456789");
        break;
      default:
        for (int parts = static_cast<int>(random() % 3); parts >= 0; --parts) {
          value += kKeywords[random() % kKeywords.size()];
          if (random() % 2 == 0) value += '_';
        }
    }
    if (!Libinjection::never_sqli(value)) continue;
    ++skipped;
    Fingerprint fingerprint;
    ASSERT_FALSE(library().ask_sqli(value, fingerprint)) << value;
  }
  EXPECT_GT(skipped, 100'000);
  EXPECT_FALSE(Libinjection::never_sqli("1and-78"));
  EXPECT_FALSE(Libinjection::never_sqli("8-null"));
}

TEST(Libinjection, NothingIsXssWithoutAngleBracketOrEqualsSign) {
  std::mt19937 random(2);
  static constexpr std::array<std::string_view, 24> kParts{
      "\"",    "'",        "`",          ">",     "/",    " ",      "onload", "style",
      "xmlns", "href",     "javascript", ":",     "&#61", ";",      "!--",    "script",
      "\t",    "![CDATA[", "%",          "alert", "?xml", "import", "(1)",    "entity"};
  int skipped = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string value;
    for (int parts = static_cast<int>(random() % 8); parts >= 0; --parts) {
      if (random() % 6 == 0) {
        value += static_cast<char>(random() % 256);
      } else {
        value += kParts[random() % kParts.size()];
      }
    }
    if (!Libinjection::never_xss(value)) continue;
    ++skipped;
    ASSERT_FALSE(library().ask_xss(value)) << value;
  }
  EXPECT_GT(skipped, 150'000);
}

TEST(LibinjectionVectors, FingerprintsAreAsUpstreamExpects) {
  std::filesystem::path file = corpus::folder().parent_path() / "libinjection" / "vectors.jsonl";
  std::vector<corpus::Json> vectors = corpus::read_lines(file);
  if (vectors.empty()) GTEST_SKIP() << "no corpus at " << file;
  // The other kinds list tokens, which the two functions do not tell.
  std::size_t ran = 0;
  for (const corpus::Json& vector : vectors) {
    if (vector["kind"] != "sqli") continue;
    Fingerprint fingerprint;
    bool found = library().sqli(vector["input"], fingerprint);
    EXPECT_EQ(found ? fingerprint.view() : "", vector["expected"])
        << vector["id"] << " " << vector["input"];
    ++ran;
  }
  EXPECT_GE(ran, 20U);
}

}  // namespace
}  // namespace sallyport::seclang
