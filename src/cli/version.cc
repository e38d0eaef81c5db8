// `sallyport version`: which build this is.
#include <CLI/CLI.hpp>
#include <ostream>

#include "base/json_writer.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/flags.h"

namespace sallyport::cli {

void add_version(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("version", "Say which build this is");
  Value<std::string> output = add_output(*command, {"text", "json"});
  set_examples(*command, {"sallyport version --output json"});
  command->callback([&session, output] {
    session.action = [&session, output] {
      if (*output == "json") {
        std::string text;
        JsonWriter json(text);
        json.begin_object().string("version", kVersion).string("build", kRevision).end_object();
        session.terminal.out << text << '\n';
      } else {
        session.terminal.out << "sallyport " << kVersion << " (" << kRevision << ")\n";
      }
      return static_cast<int>(kFine);
    };
  });
}

}  // namespace sallyport::cli
