// What tests, fuzzers and comparisons of the plan share: the Core Rule Set with all its rules, and
// outcomes as text. Not for the product.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seclang/engine/replay.h"
#include "seclang/error.h"
#include "seclang/parser/load.h"
#include "seclang/recommended.h"
#include "seclang/rule_files.h"

namespace sallyport::seclang::corpus {

// The rule set of a folder laid out as the Core Rule Set is, at a paranoia level.
inline std::expected<std::vector<Source>, LoadError> core_rules(const std::string& folder,
                                                                int paranoia,
                                                                std::string_view engine) {
  auto files = rule_files(folder);
  if (!files) return std::unexpected(files.error());
  std::vector<Source> all = std::move(*files);
  std::string settings =
      "SecRuleEngine " + std::string(engine) + "\nSecAction \"id:900000,phase:1,pass,t:none,nolog";
  // The names of version 4, then those of version 3.
  for (std::string_view name : {"blocking_paranoia_level", "detection_paranoia_level",
                                "paranoia_level", "executing_paranoia_level"}) {
    settings += ",setvar:tx." + std::string(name) + "=" + std::to_string(paranoia);
  }
  all.insert(all.begin() + static_cast<std::ptrdiff_t>(place_of_settings(all)),
             {.path = "settings", .text = settings + "\"\n"});
  all.insert(all.begin(), recommended());
  return all;
}

inline std::string text_of(const Outcome& outcome) {
  std::string text = "rules";
  for (std::int64_t rule : outcome.rules) text += " " + std::to_string(rule);
  if (outcome.end) {
    text += "; ends with " + std::to_string(outcome.end->status) + " by " +
            std::to_string(outcome.end->rule) + " " + outcome.end->redirect;
  }
  text += "; TX";
  for (const auto& [name, value] : outcome.tx) text.append(" ").append(name).append("=" + value);
  return text;
}

}  // namespace sallyport::seclang::corpus
