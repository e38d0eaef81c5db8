// Completions for shells, from the table of commands.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace sallyport::cli {

// A script for "bash", "zsh" or "fish", to be put where that shell looks for completions.
[[nodiscard]] std::string completion_script(const CLI::App& app, std::string_view shell);

}  // namespace sallyport::cli
