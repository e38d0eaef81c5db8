// What is known of the rule under evaluation so far. Private to the engine.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "seclang/engine/transaction.h"

namespace sallyport::seclang {

// With multiMatch every form of a value that matches leaves a line. Not so in a chain, though
// ModSecurity logs there what only its first link has found: the rule may yet not match.
inline bool logs_each_match(const Rule& rule) {
  return rule.chain.size() == 1 && rule.chain.front().actions.multi_match;
}

struct Transaction::Working {
  const Rule& rule;
  const Macro* message = nullptr;  // of the last link that has one
  const Macro* data = nullptr;
  std::vector<std::string_view> tags;
  std::optional<int> severity;
  // The value that matched last, in whatever link.
  const Link* link = nullptr;
  Value value;
  std::string_view argument;
  bool has_value = false;
  bool disruptive = false;
};

}  // namespace sallyport::seclang
