// What a command is given to read.
#pragma once

#include <optional>
#include <string>

#include "cli/cli.h"

namespace sallyport::cli {

// All of a file, or of standard input for "-". Nothing when it cannot be read, which is reported.
[[nodiscard]] std::optional<std::string> read_input(const std::string& file, Terminal& terminal);

}  // namespace sallyport::cli
