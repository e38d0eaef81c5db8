// The manual page, section 1, from the table of commands.
#pragma once

#include <string>
#include <vector>

#include "cli/table.h"

namespace sallyport::cli {

// In the man macros of roff.
[[nodiscard]] std::string man_page(const std::vector<CommandEntry>& table);

}  // namespace sallyport::cli
