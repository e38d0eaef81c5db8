// Completions for shells, from the table of commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/table.h"

namespace sallyport::cli {

// A script for "bash", "zsh" or "fish", to be put where that shell looks for completions.
[[nodiscard]] std::string completion_script(const std::vector<CommandEntry>& table,
                                            std::string_view shell);

}  // namespace sallyport::cli
