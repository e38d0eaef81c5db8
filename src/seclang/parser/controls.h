// Reads ctl: what a matching rule changes for the rest of its transaction.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "seclang/parser/report.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

// `value` is option=argument. Reports, or appends to `controls`.
void parse_control(const Piece& value, std::vector<Control>& controls, Report& report);

// "1", "1-9"; nullopt: it is neither, or ends before it begins.
[[nodiscard]] std::optional<RuleRange> parse_range(std::string_view text);
// Ranges between blanks or commas, at least one.
[[nodiscard]] std::optional<std::vector<RuleRange>> parse_ranges(std::string_view text);

}  // namespace sallyport::seclang
