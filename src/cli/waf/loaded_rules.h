// The rules that a `waf` command was asked to work with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cli.h"
#include "seclang/ruleset.h"

namespace sallyport::cli::waf {

// Where Debian's package modsecurity-crs puts its rules; taken where none are named.
inline constexpr std::string_view kInstalledRules = "/usr/share/modsecurity-crs";

struct RulesWanted {
  std::vector<std::string> paths;  // see seclang::rule_files(); empty: kInstalledRules
  std::string paranoia;            // "1" to "4"; empty: as the rules say
  std::string settings;            // rules and directives for where a rule set's settings belong
  std::string last;                // directives behind everything
};

// Behind the recommended configuration. Null: something is wrong, and it has been said.
[[nodiscard]] std::shared_ptr<const seclang::RuleSet> load_rules(const RulesWanted& wanted,
                                                                 Terminal& terminal);

// Of the tag paranoia-level/N; 0: the rule is for every level.
[[nodiscard]] int paranoia_level(const seclang::Rule& rule);

}  // namespace sallyport::cli::waf
