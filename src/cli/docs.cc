// `sallyport docs`: the reference, printed from the tables that read configurations and command
// lines.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/flags.h"
#include "cli/man_page.h"
#include "cli/paint.h"
#include "config/reference.h"
#include "policies/all.h"
#include "schema/diagnostics.h"

namespace sallyport::cli {
namespace {

int list_policies(Terminal& terminal) {
  Paint paint(terminal);
  terminal.out << "Policies; `sallyport docs NAME` tells everything about one:\n\n";
  for (const PolicyType& type : policies::all()) {
    terminal.out << "  " << paint.bold(padded(type.name, 18)) << type.summary << '\n';
  }
  terminal.out
      << "\n`sallyport docs --schema` is what editors want, `--markdown FOLDER` writes the "
         "whole reference.\n";
  return kFine;
}

int one_policy(const std::string& name, const std::string& output, Terminal& terminal) {
  std::vector<PolicyType> types = policies::all();
  if (const PolicyType* type = find_policy(types, name)) {
    terminal.out << (output == "json" ? type->json_schema() : type->markdown());
    if (output == "json") terminal.out << '\n';
    return kFine;
  }
  std::vector<std::string> names;
  for (const PolicyType& type : types) names.push_back(type.name);
  terminal.err << "sallyport: no policy is called \"" << printable(name) << "\". "
               << schema::did_you_mean(name, names) << '\n';
  return kWrong;
}

int write_pages(const std::string& folder, Terminal& terminal) {
  for (const config::Page& page : config::markdown()) {
    std::filesystem::path file = std::filesystem::path(folder) / page.file;
    std::error_code ignored;  // the stream tells whether it matters
    std::filesystem::create_directories(file.parent_path(), ignored);
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << page.text;
    stream.close();
    if (!stream) {
      terminal.err << "sallyport: " << file.string() << " cannot be written\n";
      return kWrong;
    }
  }
  return kFine;
}

// The command table, walked: made anew, because the one in use is busy parsing.
std::unique_ptr<CLI::App> table(Session& session) { return make_app(session); }

}  // namespace

void add_docs(CLI::App& app, Session& session) {
  struct Wanted {
    std::string policy;
    bool schema = false;
    std::string folder;
    bool man = false;
  };
  CLI::App* command = app.add_subcommand("docs", "Print the reference");
  auto wanted = std::make_shared<Wanted>();
  CLI::Option* policy =
      command->add_option("policy", wanted->policy, "Everything about this policy")
          ->type_name("POLICY");
  CLI::Option* schema = command->add_flag("--schema", wanted->schema,
                                          "JSON Schema of the configuration, for editors");
  CLI::Option* folder =
      command->add_option("--markdown", wanted->folder, "Write every page into this folder")
          ->type_name("DIR");
  CLI::Option* man = command->add_flag("--man", wanted->man, "Manual page of the command line");
  Value<std::string> shell = add_choice(*command, "--completion", {"bash", "zsh", "fish"},
                                        "Completions of the command line for this shell");
  CLI::Option* completion = command->get_option("--completion");
  Value<std::string> output = add_output(*command, {"text", "json"});
  std::vector<CLI::Option*> one_of{policy, schema, folder, man, completion};
  for (CLI::Option* each : one_of) {
    for (CLI::Option* other : one_of) {
      if (each != other) each->excludes(other);
    }
  }
  set_examples(*command,
               {"sallyport docs ip_allow", "sallyport docs --schema > sallyport.schema.json",
                "sallyport docs --completion bash > sallyport.bash"});
  command->callback([&session, wanted, shell, output] {
    session.action = [&session, wanted, shell, output]() -> int {
      Terminal& terminal = session.terminal;
      if (!wanted->policy.empty()) return one_policy(wanted->policy, *output, terminal);
      if (!wanted->folder.empty()) return write_pages(wanted->folder, terminal);
      if (wanted->schema) {
        terminal.out << config::json_schema() << '\n';
      } else if (wanted->man) {
        terminal.out << man_page(*table(session));
      } else if (!shell->empty()) {
        terminal.out << completion_script(*table(session), *shell);
      } else {
        return list_policies(terminal);
      }
      return kFine;
    };
  });
}

}  // namespace sallyport::cli
