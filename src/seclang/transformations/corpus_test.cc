// Runs the unit vectors of the rule language's transformations, where the corpora are present.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "seclang/test_corpus.h"
#include "seclang/transformations/transformation.h"

namespace sallyport::seclang {
namespace {

TEST(TransformationCorpus, EveryVectorHolds) {
  std::vector<corpus::Json> lines = corpus::read_lines(corpus::folder() / "unit.jsonl");
  if (lines.empty()) GTEST_SKIP() << "no corpus at " << corpus::folder();

  std::size_t vectors = 0;
  std::size_t run = 0;
  for (const corpus::Json& line : lines) {
    if (line["type"] != "tfn") continue;
    ++vectors;
    std::string_view name = line["name"] == "cmd_line" ? "cmdLine" : line["name"];
    const Transformation* transformation = find_transformation(name);
    ASSERT_NE(transformation, nullptr) << name;

    alignas(8) std::array<std::byte, 512> block;
    Arena arena(block);
    std::string input = corpus::with_raw_bytes(line["input"]);
    std::string output = corpus::with_raw_bytes(line["output"]);
    if (name == "cssDecode") {  // its vectors count on being read as C strings
      input.resize(std::min(input.find('\0'), input.size()));
      output.resize(std::min(output.find('\0'), output.size()));
    }
    EXPECT_EQ(transformation->apply(input, {.arena = arena}), output) << line["id"];
    ++run;
  }
  EXPECT_GT(vectors, 100);
  EXPECT_EQ(run, vectors);
}

}  // namespace
}  // namespace sallyport::seclang
