#include "cli/cli.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "base/version.h"
#include "cli/commands.h"

namespace sallyport::cli {

std::unique_ptr<CLI::App> make_app(Session& session) {
  auto app = std::make_unique<CLI::App>("API security gateway: closed until opened.", "sallyport");
  app->set_version_flag("--version", std::string(kVersion));
  app->require_subcommand(1);
  add_run(*app, session);
  return app;
}

int main(std::vector<std::string> arguments, Terminal& terminal) {
  Session session{.terminal = terminal, .arguments = arguments, .action = nullptr};
  std::unique_ptr<CLI::App> app = make_app(session);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend() - 1);
  try {
    app->parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    int status = app->exit(error, terminal.out, terminal.err);
    return status == 0 ? kFine : kWrong;
  }
  return session.action();
}

}  // namespace sallyport::cli
