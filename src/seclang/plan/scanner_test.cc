#include "seclang/plan/scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>

#include "seclang/engine/transaction.h"
#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"

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

}  // namespace
}  // namespace sallyport::seclang
