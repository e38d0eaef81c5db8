// Whether a stage of a regression test went as it should.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "cli/waf/ftw_suite.h"

namespace sallyport::cli::waf {

// What was seen of a stage.
struct Observed {
  unsigned status = 0;             // 0: there was no answer
  std::vector<std::string> lines;  // of the log
  std::string error;               // why there was no answer
};

// Rule ids in log lines: [id "942100"], "id":942100, "ruleId":"942100", and the gateway's own
// "sallyport.waf.rules":[942100,949110].
[[nodiscard]] std::set<std::int64_t> ids_in(const std::vector<std::string>& lines);

// What is not as it should be; empty: the stage has passed.
[[nodiscard]] std::vector<std::string> judge(const FtwOutput& expected, const Observed& observed);

}  // namespace sallyport::cli::waf
