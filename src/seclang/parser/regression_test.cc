// ModSecurity's own regression cases: those that expect an error of the parser get one, all others
// load.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "seclang/parser/test_rules.h"
#include "seclang/test_corpus.h"

namespace sallyport::seclang {
namespace {

namespace fs = std::filesystem;

// Cases that do not load here, on purpose: words of their rules, and what the error names.
struct LeftOut {
  std::string_view words;
  std::string_view error;
};
constexpr auto kLeftOut = std::to_array<LeftOut>({
    // A pattern that does not compile would be a rule that never matches.
    {"@rx a(b", "@rx"},
    // The corpus does not hold these files.
    {"big-file.conf", "big-file.conf"},
    {"GeoIPCity.dat", "GeoIPCity.dat"},
});

TEST(Regression, cases_load_unless_they_expect_an_error) {
  fs::path folder = corpus::folder();
  std::vector<corpus::Json> cases = corpus::read_lines(folder / "regression.jsonl");
  if (cases.empty()) GTEST_SKIP() << "no cases in " << folder << "; set SALLYPORT_CORPORA";

  // The cases name their files below test-cases/.
  FileAccess access = disk();
  auto where = [folder](const std::string& path) -> std::string {
    std::size_t at = path.rfind("test-cases/data/");
    return at == std::string::npos ? path : (folder / "data" / path.substr(at + 16)).string();
  };
  FileAccess mapped = {
      .read = [&](const std::string& path) { return access.read(where(path)); },
      .expand = [&](const std::string& pattern) { return access.expand(where(pattern)); }};

  std::size_t refused = 0;
  for (const corpus::Json& each : cases) {
    std::string id(each["id"]);
    std::string text;
    for (const corpus::Json& line : each.find("rules")->items) text += line.text + "\n";
    auto rules = load_with({{.path = id, .text = text}}, mapped);
    if (!each.find("expected")->operator[]("parser_error").empty()) {
      ++refused;
      EXPECT_FALSE(rules) << id << "\n" << text;
      continue;
    }
    const auto* known = std::ranges::find_if(
        kLeftOut, [&](const LeftOut& each_left_out) { return text.contains(each_left_out.words); });
    if (known == kLeftOut.end()) {
      EXPECT_TRUE(rules) << id << "\n" << text << testing::to_text(rules.error());
      continue;
    }
    ASSERT_FALSE(rules) << id << " loads: take it off the list";
    EXPECT_NE(rules.error().front().message.find(known->error), std::string::npos)
        << testing::to_text(rules.error());
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(cases.size(), 400U);
}

}  // namespace
}  // namespace sallyport::seclang
