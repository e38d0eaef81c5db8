// The command line: which commands there are, what their flags mean, and the exit status.
//
// Every command is one file of this folder. Help, man page and shell completions come from the one
// table of flags that parses them. Only cli.cc, command.cc and table.cc know the parser.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace sallyport::cli {

// What every command ends with.
inline constexpr int kFine = 0;
inline constexpr int kFindings = 1;  // it worked, and what it looked at is not as it should be
inline constexpr int kWrong = 2;     // usage, configuration, or something that cannot be reached

// Where a command prints. Errors go to `err`, and nothing else does.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool out_is_tty = false;
};

// One run of the program: filled while the command line is parsed, then carried out.
struct Session {
  Terminal& terminal;
  std::vector<std::string> arguments;  // argv[0] included
  std::function<int()> action;         // of the command that was named
};

// Parses and carries out. `arguments` with argv[0]. Returns the exit status.
int main(std::vector<std::string> arguments, Terminal& terminal);

}  // namespace sallyport::cli
