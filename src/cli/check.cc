// `sallyport check`: everything about a configuration that can be known without traffic.
#include <CLI/CLI.hpp>
#include <ostream>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/configuration_file.h"
#include "cli/findings.h"
#include "cli/flags.h"
#include "config/diagnostics_output.h"
#include "config/load.h"

namespace sallyport::cli {
namespace {

struct Wanted {
  std::string file;
  bool strict = false;
  bool skip_files = false;
};

int check(const std::string& file, const Wanted& wanted, const std::string& output,
          Terminal& terminal) {
  config::LoadOptions options;
  options.offline = true;
  options.open_files = !wanted.skip_files;
  config::LoadResult loaded = config::load(file, options);
  const schema::Diagnostics& diagnostics = loaded.diagnostics;
  if (output == "json") {
    terminal.out << config::to_json(diagnostics) << '\n';
  } else if (output == "sarif") {
    terminal.out << config::to_sarif(diagnostics, kVersion) << '\n';
  } else {
    print_findings(diagnostics, terminal);
    std::string summary = std::to_string(diagnostics.errors()) + " errors, " +
                          std::to_string(diagnostics.warnings()) + " warnings";
    if (loaded.snapshot != nullptr) {
      summary += "; " + std::to_string(loaded.snapshot->routes.size()) + " routes, " +
                 std::to_string(loaded.snapshot->upstreams.size()) + " upstreams, " +
                 std::to_string(loaded.snapshot->listeners.size()) + " listeners";
    }
    terminal.out << file << ": " << summary << '\n';
  }
  if (diagnostics.has_errors()) return kWrong;
  return wanted.strict && diagnostics.warnings() > 0 ? kFindings : kFine;
}

}  // namespace

void add_check(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("check", "Say what is wrong with a configuration");
  auto wanted = std::make_shared<Wanted>();
  command->add_option("file", wanted->file, "Configuration file (default: as for `sallyport run`)")
      ->type_name("FILE");
  command->add_flag("--strict", wanted->strict, "Let warnings fail the check, with exit status 1");
  command->add_flag("--skip-files", wanted->skip_files,
                    "Do not open certificates and keys: they are on another machine");
  Value<std::string> output = add_output(*command, {"text", "json", "sarif"});
  set_examples(*command, {"sallyport check sallyport.yaml",
                          "sallyport check --strict --output sarif sallyport.yaml"});
  command->callback([&session, wanted, output] {
    session.action = [&session, wanted, output] {
      std::optional<std::string> file = find_configuration(wanted->file, session.terminal);
      return file ? check(*file, *wanted, *output, session.terminal) : kWrong;
    };
  });
}

}  // namespace sallyport::cli
