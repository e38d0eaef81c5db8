// `sallyport state rekey`: a new master key, beside a gateway that is stopped.
#include <optional>
#include <ostream>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/paint.h"
#include "cli/state/settings.h"
#include "gateway/rekey.h"

namespace sallyport::cli {
namespace {

struct Wanted {
  std::string config;
  std::string file;      // of the new key
  std::string variable;  // of the new key
  bool as_json = false;
};

// The new key, if one is named; false: it cannot be had, which is reported.
bool read_key(const Wanted& wanted, std::optional<store::MasterKey>& key, Terminal& terminal) {
  if (wanted.file.empty() && wanted.variable.empty()) return true;
  auto read = wanted.file.empty() ? store::MasterKey::from_environment(wanted.variable)
                                  : store::MasterKey::from_file(wanted.file);
  if (!read) {
    terminal.err << "sallyport: " << printable(read.error()) << '\n';
    return false;
  }
  key = std::move(*read);
  return true;
}

int rekey(const Wanted& wanted, Terminal& terminal) {
  const auto settings = state_settings(wanted.config, terminal);
  std::optional<store::MasterKey> key;
  if (!settings || !read_key(wanted, key, terminal)) return kWrong;
  const bool named = key.has_value();
  const auto done = gateway::rekey(*settings, std::move(key));
  if (!done) {
    terminal.err << "sallyport: " << printable(done.error()) << '\n';
    return kWrong;
  }
  if (wanted.as_json) {
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .number("secrets", done->secrets)
        .string("former", done->former)
        .string("current", done->current)
        .string("audit_public_key", done->audit_key)
        .end_object();
    terminal.out << text << '\n';
    return kFine;
  }
  terminal.out << done->secrets << " secrets are sealed anew: the master key is " << done->current
               << " now, and was " << done->former << '\n'
               << "audit public key  " << done->audit_key << '\n';
  terminal.out << (named ? "Let state.master_key name the new key before the next start.\n"
                         : "Back up the new master.key of the folder.\n");
  return kFine;
}

}  // namespace

void add_state_rekey(CLI::App& family, Session& session) {
  Command command(family, session, "rekey",
                  "Seal everything anew under a new master key; the gateway has to be stopped");
  Value<std::string> file =
      command.option("--new-key-file", "FILE", "The new key, for state.master_key.file");
  Value<std::string> variable = command.option(
      "--new-key-env", "NAME", "Environment variable with it, for state.master_key.env");
  command.at_most_one_of({"--new-key-file", "--new-key-env"});
  Value<std::string> config = command.config();
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport state rekey --config sallyport.yaml",
                    "sallyport state rekey --new-key-file /etc/sallyport/master.key.new"});
  command.action([=, &session] {
    return rekey(
        {.config = *config, .file = *file, .variable = *variable, .as_json = *output == "json"},
        session.terminal);
  });
}

}  // namespace sallyport::cli
