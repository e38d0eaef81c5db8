#include "seclang/plan/scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <regex>
#include <string>

#include "seclang/engine/replay.h"
#include "seclang/engine/transaction.h"
#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"
#include "seclang/plan/test_patterns.h"
#include "seclang/regex.h"

namespace sallyport::seclang {
namespace {

using ::testing::ElementsAre;

// More headers than fit in a byte, each a group of its own; the first has other transformations.
TEST(Scanner, TellsApartHoweverManyHeadersRulesName) {
  constexpr int kHeaders = 260;
  std::string text = "SecRule REQUEST_HEADERS:h0 \"@rx abc\" \"id:2000,phase:1,pass,log\"\n";
  for (int i = 1; i < kHeaders; ++i) {
    const std::string number = std::to_string(i);
    text += "SecRule REQUEST_HEADERS:h" + number + " \"@rx abc\" \"id:" + std::to_string(2000 + i) +
            ",phase:1,pass,log,t:lowercase\"\n";
  }
  auto loaded = load({{.path = "test.conf", .text = text}});
  ASSERT_TRUE(loaded) << loaded.error().front().message;
  const std::atomic<bool> stop{false};
  const auto plan = full_plan(*folded_plan(*loaded), Cache(""), stop);
  ASSERT_NE(plan, nullptr);
  SharedCollections shared;
  std::array<std::byte, 4096> block;  // NOLINT(*-member-init): the arena's
  Arena arena(block);
  Transaction transaction(*plan, shared, arena, {});
  transaction.set_request("GET", "/", "1.1");
  for (const char* name : {"h0", "h255", "h256", "h257"}) {
    transaction.add_request_header(name, "xABC");
  }
  transaction.request_headers();
  std::vector<std::int64_t> rules;
  for (const Match& match : transaction.matches()) rules.push_back(match.rule->id);
  EXPECT_THAT(rules, ElementsAre(2255, 2256, 2257));
}

// Texts are scanned together: what a pattern says of the ends of one holds for each.
TEST(Scanner, FindsEveryRuleThatPlainEvaluationFinds) {
  test::PatternMaker make(5);
  std::size_t matched = 0;
  for (int round = 0; round < 40; ++round) {
    std::string text;
    for (int id = 1; id <= 20; ++id) {
      const std::string source = std::regex_replace(make.pattern(3), std::regex("\n"), "\\n");
      if (!Regex::compile(source, {})) continue;
      text += "SecRule ARGS|ARGS_NAMES \"@rx " + source + "\" \"id:" + std::to_string(id) +
              ",phase:2,pass,log,t:none" + (id % 3 == 0 ? ",t:lowercase" : "") + "\"\n";
    }
    auto loaded = load({{.path = "test.conf", .text = text}});
    ASSERT_TRUE(loaded) << loaded.error().front().message << text;
    const std::atomic<bool> stop{false};
    const auto plan = full_plan(*folded_plan(*loaded), Cache(""), stop);
    for (int i = 0; i < 60; ++i) {
      Recording request;
      request.unique_id = "x";
      request.work = WorkBudget::kUnlimited;
      request.uri = "/?";
      for (unsigned field = make.pick(4); field > 0; --field) {
        for (char c : make.text("abcABC;\n")) {
          constexpr std::string_view kDigits = "0123456789abcdef";
          request.uri += {'%', kDigits[static_cast<unsigned char>(c) / 16U],
                          kDigits[static_cast<unsigned char>(c) % 16U]};
        }
        request.uri += "=" + make.text("abcABC ") + "&";
      }
      request.method = "GET";
      request.version = "1.1";
      request.phases.set(1);
      request.phases.set(2);
      const Outcome plain = replay(request, **loaded);
      matched += plain.rules.size();
      ASSERT_EQ(replay(request, *plan).rules, plain.rules) << text << request.uri;
    }
  }
  EXPECT_GT(matched, 5'000U);
}

}  // namespace
}  // namespace sallyport::seclang
