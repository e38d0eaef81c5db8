// Reads the actions that write: setvar, expirevar, initcol, setenv, and xmlns, which names a
// namespace.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "seclang/parser/report.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

// nullopt: reported.
[[nodiscard]] std::optional<SetVar> parse_setvar(const Piece& value, Report& report);
[[nodiscard]] std::optional<ExpireVar> parse_expirevar(const Piece& value, Report& report);
[[nodiscard]] std::optional<InitCol> parse_initcol(const Piece& value, Report& report);
[[nodiscard]] std::optional<std::pair<std::string, Macro>> parse_setenv(const Piece& value,
                                                                        Report& report);
[[nodiscard]] std::optional<std::pair<std::string, std::string>> parse_xmlns(const Piece& value,
                                                                             Report& report);

}  // namespace sallyport::seclang
