#include "telemetry/findings.h"

#include <gtest/gtest.h>

#include <array>

namespace sallyport::telemetry {
namespace {

TEST(Findings, ShowValuesOnlyWhereTheNameTellsThatTheyAreNoSecret) {
  struct Case {
    std::string_view variable;
    std::string_view shown;
  };
  MaskedNames masked({"pin"}, {});
  for (const Case& c :
       {Case{"ARGS:id", "1 or 1"}, Case{"ARGS_POST:json.user.name", "1 or 1"},
        Case{"ARGS:password", kMask}, Case{"ARGS:json.user.password", kMask},
        Case{"ARGS:pin", kMask}, Case{"ARGS_NAMES:x", "1 or 1"},
        Case{"REQUEST_COOKIES:session", kMask}, Case{"REQUEST_HEADERS:Authorization", kMask},
        Case{"REQUEST_BODY", kMask}, Case{"REQUEST_URI", kMask}, Case{"REQUEST_FILENAME", "1 or 1"},
        Case{"TX:1", kMask}, Case{"RESPONSE_BODY", kMask}}) {
    Finding finding{.rule = 1, .variable = c.variable, .value = "1 or 1"};
    EXPECT_EQ(shown_value(finding, masked), c.shown) << c.variable;
  }
  EXPECT_EQ(shown_value({.rule = 1, .variable = "TX:ANOMALY_SCORE", .value = "15"}, masked), "15");
  EXPECT_EQ(shown_value({.rule = 1, .variable = "REQUEST_BODY"}, masked), "");
}

TEST(Findings, AreNamedInOrder) {
  std::array<std::byte, 512> memory;  // NOLINT(*-member-init): the arena's
  Arena arena(memory);
  std::array findings{Finding{.rule = 942100, .variable = "ARGS:id", .value = "1 or 1"},
                      Finding{.rule = 949110}};
  EXPECT_EQ(findings_text(findings, MaskedNames(), 1000, arena), "942100 ARGS:id=1 or 1; 949110");
  EXPECT_EQ(findings_text(findings, MaskedNames(), 5, arena), "942100 ARGS:id=1 or 1");
}

}  // namespace
}  // namespace sallyport::telemetry
