// Runs ModSecurity's own vectors for operators, where the corpora are present (see test_corpus.h).
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "seclang/operators/operator.h"
#include "seclang/test_corpus.h"

namespace sallyport::seclang {
namespace {

// The vectors name files by where upstream keeps them; the corpus keeps them under data/.
std::expected<std::string, std::string> read_data(const std::string& path) {
  std::string name = std::filesystem::path(path).filename();
  for (const char* folder : {"data/op", "data"}) {
    std::ifstream in(corpus::folder() / folder / name);
    if (!in) continue;
    std::ostringstream content;
    content << in.rdbuf();
    return content.str();
  }
  return std::unexpected("no file " + path);
}

// The listed groups are those that upstream's own runner compares: all of @rx, some of @rxGlobal.
bool has_groups(const corpus::Json& vector, const Groups& groups) {
  std::size_t at = 0;
  const corpus::Json* listed = vector.find("re_groups");
  if (listed == nullptr) return true;
  for (const corpus::Json& group : listed->items) {
    while (at < groups.count && groups.text[at] != group.text) ++at;
    if (at++ >= groups.count) return false;
  }
  return true;
}

TEST(OperatorVectors, AllHold) {
  std::filesystem::path file = corpus::folder() / "unit.jsonl";
  std::vector<corpus::Json> vectors = corpus::read_lines(file);
  if (vectors.empty()) GTEST_SKIP() << "no corpus at " << file;
  std::size_t ran = 0;
  std::size_t operators = 0;
  for (const corpus::Json& vector : vectors) {
    if (vector["type"] != "op") continue;
    ++operators;
    std::string argument = corpus::with_raw_bytes(vector["param"]);
    std::string value = corpus::with_raw_bytes(vector["input"]);
    auto op = make_operator({.name = vector["name"], .argument = argument, .read_file = read_data});
    bool matched = false;
    if (op) {
      Arena arena({});
      Evaluation evaluation{.arena = arena, .argument = argument, .capture = true};
      matched = (*op)->evaluate(value, evaluation);
      if (matched) EXPECT_TRUE(has_groups(vector, evaluation.groups)) << vector["id"];
    } else {
      // Upstream's runner goes on with an operator whose argument was refused: it never matches.
      EXPECT_EQ(vector["name"], "ipMatch") << op.error();
    }
    EXPECT_EQ(matched, vector["ret"] != "0")
        << vector["id"] << " @" << vector["name"] << " " << argument << " on " << value;
    ++ran;
  }
  EXPECT_EQ(ran, operators);
  EXPECT_GE(ran, 2000U);
  RecordProperty("vectors", static_cast<int>(ran));
}

}  // namespace
}  // namespace sallyport::seclang
