// Flags that several commands have, so that they mean and look the same everywhere.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::cli {

// The value of an option, shared by the parser that fills it and the action that reads it.
template <typename T>
using Value = std::shared_ptr<T>;

// An option that takes one of these words; `type` shows as "text|json". The first is the default.
Value<std::string> add_choice(CLI::App& command, const std::string& flags,
                              const std::vector<std::string>& words,
                              const std::string& description);

// --output. What the names mean is the command's business.
Value<std::string> add_output(CLI::App& command, const std::vector<std::string>& forms);

// -c, --config FILE.
Value<std::string> add_config(CLI::App& command);

// --admin URL.
Value<std::string> add_admin(CLI::App& command);

// What --help ends with; each line is a command that works.
void set_examples(CLI::App& command, const std::vector<std::string>& examples);
// The lines given to `set_examples`.
[[nodiscard]] std::vector<std::string> examples_of(const CLI::App& command);

}  // namespace sallyport::cli
