// The manual page, section 1, from the table of commands.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace sallyport::cli {

// In the man macros of roff.
[[nodiscard]] std::string man_page(const CLI::App& app);

}  // namespace sallyport::cli
