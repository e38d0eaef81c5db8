// One command while it is being described: its flags and arguments, and what it does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/cli.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the parser's own
class App;
}

namespace sallyport::cli {

// What an option was given, shared by the parser that fills it and the action that reads it.
template <typename T>
using Value = std::shared_ptr<T>;

// `names` are written "-c,--config". Types are words in capitals; FILE and DIR are completed.
class Command {
 public:
  // Adds a command to the program.
  Command(CLI::App& program, Session& session, const std::string& name,
          const std::string& description);

  Value<bool> flag(const std::string& names, const std::string& description);
  Value<std::string> option(const std::string& names, const std::string& type,
                            const std::string& description, bool required = false);
  // May be given several times; without a flag's name, several arguments.
  Value<std::vector<std::string>> list(const std::string& names, const std::string& type,
                                       const std::string& description);
  // Takes one of these words.
  Value<std::string> choice(const std::string& names, const std::vector<std::string>& words,
                            const std::string& description);
  // Without a flag's name in front.
  Value<std::string> argument(const std::string& name, const std::string& type,
                              const std::string& description, bool required = false);

  // Flags that mean and look the same in every command.
  Value<std::string> output(const std::vector<std::string>& forms);  // the first is the default
  Value<std::string> config();
  Value<std::vector<std::string>> rules();

  // `name` makes sense only together with `other`.
  void only_with(const std::string& name, const std::string& other);
  void at_most_one_of(const std::vector<std::string>& names);
  // What --help ends with; each is a command line that works.
  void examples(const std::vector<std::string>& lines);
  void action(std::function<int()> action);

 private:
  CLI::App* app_;
  Session* session_;
};

// A command that only has others below it, which Command adds to the result.
[[nodiscard]] CLI::App& add_family(CLI::App& program, const std::string& name,
                                   const std::string& description,
                                   const std::vector<std::string>& examples);

// How a list of examples is kept as a footer, and got back.
[[nodiscard]] std::string footer_of(const std::vector<std::string>& examples);
[[nodiscard]] std::vector<std::string> examples_in(const std::string& footer);

}  // namespace sallyport::cli
