// Takes an action list apart: name:'value',name,... Knows nothing of what the actions mean.
#pragma once

#include <string>
#include <vector>

#include "seclang/parser/report.h"

namespace sallyport::seclang {

struct WrittenAction {
  std::string name;  // in lower case
  Piece written;     // the name as it is spelt
  Piece value;       // without its quotes
  bool has_value = false;
};

// A value in single quotes may hold commas, and a quote as \'. Nothing between two commas is no
// action, and no error.
[[nodiscard]] std::vector<WrittenAction> split_actions(const Word& list, Report& report);

}  // namespace sallyport::seclang
