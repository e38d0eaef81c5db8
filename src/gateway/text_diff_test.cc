#include "gateway/text_diff.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace sallyport::gateway {
namespace {

std::string diff(const std::string& before, const std::string& after) {
  return unified_diff(before, after, "a", "b");
}

// What `patch` would make of it: the lines of `before` with the blocks of `diff` put in.
std::string applied(const std::string& before, const std::string& diff) {
  std::vector<std::string> lines;
  std::istringstream old(before);
  for (std::string line; std::getline(old, line);) lines.push_back(line);
  std::istringstream in(diff);
  std::string out;
  std::size_t at = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("---") || line.starts_with("+++") || line.starts_with("\\")) continue;
    if (line.starts_with("@@")) {
      std::size_t first = std::stoul(line.substr(4));
      if (first > 0 && !line.substr(4).starts_with(std::to_string(first) + ",0")) --first;
      for (; at < first; ++at) out += lines[at] + "\n";
    } else if (line.front() == '+') {
      out += line.substr(1) + "\n";
    } else {
      EXPECT_EQ(lines.at(at), line.substr(1));
      if (line.front() == ' ') out += lines[at] + "\n";
      ++at;
    }
  }
  for (; at < lines.size(); ++at) out += lines[at] + "\n";
  return out;
}

TEST(UnifiedDiff, ShowsChangesWithThreeLinesAround) {
  EXPECT_EQ(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, SharesABlockWhereContextsTouch) {
  const std::string near = diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n");
  EXPECT_EQ(near.find("@@ -1,8 +1,8 @@"), near.rfind("@@ -"));
  const std::string far = diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n");
  EXPECT_NE(far.find("@@ -1,4 +1,4 @@"), std::string::npos);
  EXPECT_NE(far.find("@@ -6,4 +6,4 @@"), std::string::npos);
}

TEST(UnifiedDiff, TellsTextsWithoutALastLineEnd) {
  EXPECT_EQ(diff("a\n", "a"), "--- a\n+++ b\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
}

TEST(UnifiedDiff, KnowsNothingAndEverything) {
  EXPECT_EQ(diff("same\n", "same\n"), "");
  EXPECT_EQ(diff("", ""), "");
  EXPECT_EQ(diff("", "new\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+new\n");
  EXPECT_EQ(diff("old\n", ""), "--- a\n+++ b\n@@ -1 +0,0 @@\n-old\n");
}

TEST(UnifiedDiff, LeadsFromOneTextToTheOther) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp,cert-msc32-c): the same cases every time
  for (int round = 0; round < 500; ++round) {
    const auto text = [&] {
      std::string made;
      for (unsigned i = random() % 30; i > 0; --i)
        made += std::string(1, 'a' + random() % 4) + "\n";
      return made;
    };
    const std::string before = text();
    const std::string after = text();
    ASSERT_EQ(applied(before, diff(before, after)), after) << before << "to\n" << after;
  }
}

TEST(UnifiedDiff, TellsTextsThatDifferTooMuchAsOneBlock) {
  std::string before = "same\n";
  std::string after = "same\n";
  for (int i = 0; i < 1500; ++i) {
    before += "b" + std::to_string(i) + "\n";
    after += "a" + std::to_string(i) + "\n";
  }
  const std::string text = diff(before, after);
  EXPECT_NE(text.find("@@ -1,1501 +1,1501 @@"), std::string::npos);
  EXPECT_EQ(applied(before, text), after);
}

TEST(WithoutComments, LeavesNoWordOfThem) {
  EXPECT_EQ(without_comments("a: 1 # secret\n# secret\nb: \"x\"#secret\nc: 2"),
            "a: 1 #\n#\nb: \"x\"#\nc: 2");
  EXPECT_EQ(without_comments("a: 1 # secret"), "a: 1 #");
  EXPECT_EQ(without_comments(""), "");
}

}  // namespace
}  // namespace sallyport::gateway
