#include "cli/cli.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <ostream>

#include "base/version.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/paint.h"

namespace sallyport::cli {

std::shared_ptr<CLI::App> make_app(Session& session) {
  auto app = std::make_shared<CLI::App>(
      "API security gateway: one configuration file, closed until opened, every decision "
      "explained.",
      "sallyport");
  app->set_version_flag("--version", "sallyport " + std::string(kVersion),
                        "Say which version this is, and end");
  app->set_help_flag("-h,--help", "Say what can be given here, and end");
  app->require_subcommand(1);
  add_run(*app, session);
  add_init(*app, session);
  add_check(*app, session);
  add_explain(*app, session);
  add_reload(*app, session);
  add_config(*app, session);
  add_waf(*app, session);
  add_consumers(*app, session);
  add_keys(*app, session);
  add_clients(*app, session);
  add_tokens(*app, session);
  add_signing_keys(*app, session);
  add_state(*app, session);
  add_audit_log(*app, session);
  add_hash_password(*app, session);
  add_admin_tokens(*app, session);
  add_docs(*app, session);
  add_version(*app, session);
  app->footer(
      footer_of({"sallyport init --upstream http://127.0.0.1:9000 --output sallyport.yaml",
                 "sallyport check sallyport.yaml", "sallyport run --config sallyport.yaml"}));
  return app;
}

namespace {

// Empty, unless a word stands where a command has to, and is none: then which there are.
std::string unknown_command(const CLI::App& program) {
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  const std::vector<std::string> rest = app->remaining();
  const auto known = app->get_subcommands([](const CLI::App*) { return true; });
  if (rest.empty() || rest.front().starts_with('-') || known.empty()) return {};
  std::string text = "sallyport: there is no command \"" + printable(rest.front()) + "\"";
  for (const CLI::App* one : known) {
    text += (one == known.front() ? "; there are " : ", ") + one->get_name();
  }
  return text + '\n';
}

}  // namespace

int main(std::vector<std::string> arguments, Terminal& terminal) {
  Session session{.terminal = terminal, .arguments = arguments, .action = nullptr};
  std::shared_ptr<CLI::App> app = make_app(session);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  if (!reversed.empty()) reversed.pop_back();  // the program's name
  try {
    app->parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    if (const std::string text = unknown_command(*app); !text.empty()) {
      terminal.err << text;
      return kWrong;
    }
    return app->exit(error, terminal.out, terminal.err) == 0 ? kFine : kWrong;
  }
  int status = kWrong;
  try {
    status = session.action();
  } catch (const std::exception& error) {
    terminal.err << "sallyport: " << error.what() << '\n';
  }
  terminal.out.flush();
  if (!terminal.out) {
    terminal.err << "sallyport: standard output cannot be written\n";
    return kWrong;
  }
  return status;
}

}  // namespace sallyport::cli
