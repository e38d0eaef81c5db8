// For tests only: the program called as from a shell.
#pragma once

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/cli.h"

namespace sallyport::cli {

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

// `arguments` behind the program's name.
inline Outcome call(std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.out = out, .err = err};
  arguments.insert(arguments.begin(), "sallyport");
  const int status = main(std::move(arguments), terminal);
  return {.status = status, .out = out.str(), .err = err.str()};
}

}  // namespace sallyport::cli
