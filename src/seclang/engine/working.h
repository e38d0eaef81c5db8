// What is known of the rule under evaluation so far. Private to the engine.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "seclang/engine/transaction.h"

namespace sallyport::seclang {

struct Transaction::Working {
  const Rule& rule;
  std::string_view message;
  std::string_view data;
  std::vector<std::string_view> tags;
  std::optional<int> severity;
  // The value that matched last, in whatever link.
  const Link* link = nullptr;
  Value value;
  bool has_value = false;
  bool disruptive = false;
};

}  // namespace sallyport::seclang
