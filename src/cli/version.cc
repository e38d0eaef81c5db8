// `sallyport version`: which build this is.
#include <ostream>

#include "base/json_writer.h"
#include "base/version.h"
#include "cli/command.h"
#include "cli/commands.h"

namespace sallyport::cli {

void add_version(CLI::App& app, Session& session) {
  Command command(app, session, "version", "Say which build this is");
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport version --output json"});
  command.action([&session, output] {
    if (*output == "json") {
      std::string text;
      JsonWriter json(text);
      json.begin_object().string("version", kVersion).string("build", kRevision).end_object();
      session.terminal.out << text << '\n';
    } else {
      session.terminal.out << "sallyport " << kVersion << " (" << kRevision << ")\n";
    }
    return kFine;
  });
}

}  // namespace sallyport::cli
