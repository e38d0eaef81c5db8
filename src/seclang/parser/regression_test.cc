// ModSecurity's own regression cases: those that expect an error of the parser get one, all others
// load.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "seclang/parser/test_rules.h"
#include "seclang/test_corpus.h"

namespace sallyport::seclang {
namespace {

namespace fs = std::filesystem;

// Cases that do not load here, on purpose: what they use, as the error names it.
const std::map<std::string_view, std::string_view> kLeftOut = {
    // No document type definition and no schema is read: both lead to files and the net.
    {"config-xml_external_entity.json#1", "@validateDTD"},
    {"request-body-parser-xml-validade-dtd.json#1", "@validateDTD"},
    {"request-body-parser-xml-validade-dtd.json#2", "@validateDTD"},
    {"request-body-parser-xml-validade-dtd.json#3", "@validateDTD"},
    {"request-body-parser-xml.json#0", "@validateSchema"},
    {"request-body-parser-xml.json#1", "@validateSchema"},
    {"request-body-parser-xml.json#3", "@validateSchema"},
    // A pattern that does not compile would be a rule that never matches.
    {"operator-rx.json#2", "@rx"},
    // The corpus does not hold the file that they include.
    {"issue-1844.json#0", "big-file.conf"},
    {"issue-1844.json#1", "big-file.conf"},
    {"issue-1844.json#2", "big-file.conf"},
    {"issue-1844.json#5", "not-so-big-file.conf"},
};

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
  std::size_t left_out = 0;
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
    auto known = kLeftOut.find(id);
    if (known == kLeftOut.end()) {
      EXPECT_TRUE(rules) << id << "\n" << text << testing::to_text(rules.error());
      continue;
    }
    ++left_out;
    ASSERT_FALSE(rules) << id << " loads: take it off the list";
    EXPECT_NE(rules.error().front().message.find(known->second), std::string::npos)
        << testing::to_text(rules.error());
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(cases.size(), 400U);
  EXPECT_LE(left_out, kLeftOut.size());
}

}  // namespace
}  // namespace sallyport::seclang
