// `sallyport reload`: a running gateway reads its configuration again.
#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/load_answer.h"

namespace sallyport::cli {
namespace {

int reload(const AdminAccess& access, const std::string& output, Terminal& terminal) {
  std::optional<AdminClient> client = AdminClient::find(access, terminal);
  if (!client) return kWrong;
  std::optional<AdminAnswer> answer = client->call("POST", "/reload", terminal);
  if (!answer) return kWrong;
  return print_load(*answer, output == "json", terminal);
}

}  // namespace

void add_reload(CLI::App& app, Session& session) {
  Command command(app, session, "reload",
                  "Let the running gateway read its configuration again, and wait until it has");
  const AdminAccess access(command);
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport reload", "sallyport reload --admin http://127.0.0.1:9901"});
  command.action([&session, access, output] { return reload(access, *output, session.terminal); });
}

}  // namespace sallyport::cli
