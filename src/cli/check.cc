// `sallyport check`: everything about a configuration that can be known without traffic.
#include <ostream>

#include "base/version.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/configuration_file.h"
#include "cli/findings.h"
#include "config/diagnostics_output.h"
#include "config/load.h"

namespace sallyport::cli {
namespace {

struct Wanted {
  std::string file;
  bool strict = false;
  bool skip_files = false;
};

int check(const Wanted& wanted, const std::string& output, Terminal& terminal) {
  config::LoadOptions options;
  options.offline = true;
  options.open_files = !wanted.skip_files;
  options.rehearse = !wanted.skip_files;
  config::LoadResult loaded = config::load(wanted.file, options);
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
    terminal.out << wanted.file << ": " << summary << '\n';
  }
  if (diagnostics.has_errors()) return kWrong;
  return wanted.strict && diagnostics.warnings() > 0 ? kFindings : kFine;
}

}  // namespace

void add_check(CLI::App& app, Session& session) {
  Command command(app, session, "check", "Say what is wrong with a configuration");
  Value<std::string> named =
      command.argument("file", "FILE", "Configuration file (default: as for `sallyport run`)");
  Value<bool> strict = command.flag("--strict", "Let warnings fail the check, with exit status 1");
  Value<bool> skip_files = command.flag(
      "--skip-files",
      "Leave certificates, keys, log file and account alone: they are on another machine");
  Value<std::string> output = command.output({"text", "json", "sarif"});
  command.examples(
      {"sallyport check sallyport.yaml", "sallyport check --strict --output sarif sallyport.yaml"});
  command.action([=, &session] {
    std::optional<std::string> file = find_configuration(*named, session.terminal);
    if (!file) return kWrong;
    return check({.file = *file, .strict = *strict, .skip_files = *skip_files}, *output,
                 session.terminal);
  });
}

}  // namespace sallyport::cli
