// What rules look at.
#pragma once

#include <string_view>

#include "seclang/variables.h"

namespace sallyport::seclang {

// One value of a variable. The whole name is "ARGS:id", of a scalar "REQUEST_URI".
struct Value {
  Variable variable{};
  std::string_view key;
  std::string_view text;
  bool keyed = false;
  bool counted = false;  // the text is how many there are
};

}  // namespace sallyport::seclang
