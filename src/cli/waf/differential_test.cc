// The plan with its scanner against plain evaluation of every rule, on requests of the Core Rule
// Set's own regression tests. What is expected of them plays no part.
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/waf/exchange.h"
#include "cli/waf/ftw_request.h"
#include "cli/waf/ftw_suite.h"
#include "seclang/test_differential.h"

namespace sallyport::cli::waf {
namespace {

seclang::corpus::Sample sample_of(const FtwInput& input) {
  WebRequest request = read_request(build_request(input));
  seclang::corpus::Sample sample{.name = {},
                                 .method = request.method,
                                 .uri = request.uri,
                                 .headers = {},
                                 .body = request.body};
  for (const Header& header : request.headers) {
    sample.headers.emplace_back(header.name, header.value);
  }
  return sample;
}

TEST(PlanDifferential, RegressionTestsMeetTheCoreRuleSet) {
  constexpr std::size_t kEach = 5;  // stage
  const std::filesystem::path corpora = seclang::corpus::folder().parent_path();
  const std::filesystem::path tests = corpora / "crs-tests" / "tests";
  if (!std::filesystem::exists(tests) || !std::filesystem::exists(corpora / "crs")) {
    GTEST_SKIP() << "skipped: no " << tests << " or " << corpora / "crs"
                 << " (set SALLYPORT_CORPORA)";
  }
  schema::Diagnostics diagnostics;
  const FtwSuite suite = read_suite(tests.string(), diagnostics);
  ASSERT_EQ(diagnostics.to_text(), "");
  seclang::corpus::Differential differential((corpora / "crs").string());
  std::size_t seen = 0;
  for (const FtwTest& test : suite.tests) {
    for (const FtwStage& stage : test.stages) {
      if (seen++ % kEach != 0) continue;
      differential.compare(test.name(), seclang::corpus::recording_of(sample_of(stage.input)));
    }
  }
  EXPECT_GE(seen, suite.tests.size());
  EXPECT_EQ(differential.compared(), (seen + kEach - 1) / kEach);
  EXPECT_GT(differential.blocked(), 0U) << "nothing was found at all";
}

}  // namespace
}  // namespace sallyport::cli::waf
