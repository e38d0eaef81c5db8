// `sallyport docs`: the reference, printed from the tables that read configurations and command
// lines.
#include <filesystem>
#include <fstream>
#include <ostream>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/man_page.h"
#include "cli/paint.h"
#include "cli/table.h"
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
  names.reserve(types.size());
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

}  // namespace

void add_docs(CLI::App& app, Session& session) {
  Command command(app, session, "docs", "Print the reference");
  Value<std::string> policy = command.argument("policy", "POLICY", "Everything about this policy");
  Value<bool> schema = command.flag("--schema", "JSON Schema of the configuration, for editors");
  Value<std::string> folder =
      command.option("--markdown", "DIR", "Write every page into this folder");
  Value<bool> man = command.flag("--man", "Manual page of the command line");
  Value<std::string> shell = command.choice("--completion", {"bash", "zsh", "fish"},
                                            "Completions of the command line for this shell");
  Value<std::string> output = command.output({"text", "json"});
  command.at_most_one_of({"policy", "--schema", "--markdown", "--man", "--completion"});
  command.examples({"sallyport docs ip_allow", "sallyport docs --schema > sallyport.schema.json",
                    "sallyport docs --completion bash > sallyport.bash"});
  command.action([=, &session] {
    Terminal& terminal = session.terminal;
    if (!policy->empty()) return one_policy(*policy, *output, terminal);
    if (!folder->empty()) return write_pages(*folder, terminal);
    if (*schema) {
      terminal.out << config::json_schema() << '\n';
    } else if (*man) {
      terminal.out << man_page(command_table());
    } else if (!shell->empty()) {
      terminal.out << completion_script(command_table(), *shell);
    } else {
      return list_policies(terminal);
    }
    return kFine;
  });
}

}  // namespace sallyport::cli
