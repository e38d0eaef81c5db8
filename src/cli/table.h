// The commands and flags as the parser has them, in the shape that the man page and the completions
// are written from: one table, so nothing can be missing from either.
#pragma once

#include <string>
#include <vector>

namespace sallyport::cli {

struct FlagEntry {
  std::vector<std::string> names;  // "-c", "--config"; empty: a positional argument
  std::string argument;            // "FILE", "text|json"; empty: takes none
  std::string description;
  bool required = false;
  bool repeatable = false;

  // Of "text|json"; empty for anything else.
  [[nodiscard]] std::vector<std::string> words() const;
};

struct CommandEntry {
  std::string name;  // empty: the program itself; of a family's command "waf test"
  std::string description;
  std::vector<FlagEntry> flags;      // sorted as --help shows them
  std::vector<FlagEntry> arguments;  // positional
  std::vector<std::string> examples;
};

// The program first, then its commands in their order. A family is not among them, but those below
// it are.
[[nodiscard]] std::vector<CommandEntry> command_table();

}  // namespace sallyport::cli
