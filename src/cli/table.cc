#include "cli/table.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "cli/command.h"
#include "cli/commands.h"

namespace sallyport::cli {
namespace {

FlagEntry entry_of(const CLI::Option& option) {
  FlagEntry entry;
  if (option.nonpositional()) {
    for (const std::string& name : option.get_snames()) entry.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
  }
  if (option.get_items_expected_max() > 0) entry.argument = option.get_type_name();
  entry.description = option.get_description();
  entry.required = option.get_required();
  entry.repeatable = option.get_expected_max() > 1;
  return entry;
}

CommandEntry entry_of(const CLI::App& app, std::string name) {
  CommandEntry entry{.name = std::move(name),
                     .description = app.get_description(),
                     .flags = {},
                     .arguments = {},
                     .examples = examples_in(app.get_footer())};
  for (const CLI::Option* option : app.get_options({})) {
    FlagEntry flag = entry_of(*option);
    (flag.names.empty() ? entry.arguments : entry.flags).push_back(std::move(flag));
  }
  return entry;
}

}  // namespace

std::vector<std::string> FlagEntry::words() const {
  std::vector<std::string> words;
  bool upper = std::ranges::any_of(argument, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (upper || argument.find('|') == std::string::npos) return words;  // a name, not the words
  std::size_t begin = 0;
  for (std::size_t bar = 0; bar != std::string::npos; begin = bar + 1) {
    bar = argument.find('|', begin);
    words.push_back(argument.substr(begin, bar == std::string::npos ? bar : bar - begin));
  }
  return words;
}

std::vector<CommandEntry> command_table() {
  std::ostream nowhere(nullptr);  // described only, nothing is carried out
  Terminal terminal{.out = nowhere, .err = nowhere};
  Session session{.terminal = terminal, .arguments = {}, .action = nullptr};
  std::shared_ptr<const CLI::App> app = make_app(session);
  std::vector<CommandEntry> table{entry_of(*app, "")};
  for (const CLI::App* command : app->get_subcommands(std::function<bool(const CLI::App*)>())) {
    std::vector<const CLI::App*> below =
        command->get_subcommands(std::function<bool(const CLI::App*)>());
    for (const CLI::App* each : below) {
      table.push_back(entry_of(*each, command->get_name() + " " + each->get_name()));
    }
    if (below.empty()) table.push_back(entry_of(*command, command->get_name()));
  }
  return table;
}

}  // namespace sallyport::cli
