// `sallyport explain`: what would happen to a request, or what happened to one.
#include <algorithm>
#include <ostream>

#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/configuration_file.h"
#include "cli/explain_text.h"
#include "cli/findings.h"
#include "cli/paint.h"
#include "config/load.h"
#include "gateway/explain.h"

namespace sallyport::cli {
namespace {

int explain_request(const gateway::SyntheticRequest& request, const std::string& config,
                    const std::string& output, Terminal& terminal) {
  std::optional<std::string> file = find_configuration(config, terminal);
  if (!file) return kWrong;
  config::LoadOptions options;
  options.offline = true;
  options.open_files = false;  // a request is explained the same without the keys
  config::LoadResult loaded = config::load(*file, options);
  if (loaded.snapshot == nullptr) {
    print_findings(loaded.diagnostics, terminal);
    terminal.err << "sallyport: " << *file << " has errors\n";
    return kWrong;
  }
  std::string error;
  std::optional<gateway::Explanation> explanation =
      gateway::explain(std::move(loaded.snapshot), request, error);
  if (!explanation) {
    terminal.err << "sallyport: " << printable(error) << ".\n";
    return kWrong;
  }
  if (output == "json") {
    terminal.out << gateway::to_json(*explanation) << '\n';
  } else {
    print_explanation(*explanation, terminal);
  }
  return kFine;
}

int explain_served(const std::string& request_id, const AdminAccess& access,
                   const std::string& output, Terminal& terminal) {
  std::optional<AdminClient> client = AdminClient::find(access, terminal);
  if (!client) return kWrong;
  std::optional<AdminAnswer> answer =
      client->call("GET", "/trails/" + text::percent_encoded(request_id), terminal);
  if (!answer) return kWrong;
  if (answer->status == 404) {
    terminal.err << "sallyport: no decision trail is kept of " << printable(request_id)
                 << ". Only the last requests of each worker are remembered (`trail` in the "
                    "configuration), and an id has 32 digits.\n";
    return kFindings;
  }
  std::optional<schema::Node> trail = parse_json(answer->body);
  if (answer->status != 200 || !trail) {
    terminal.err << "sallyport: the gateway answered with status " << answer->status;
    if (trail) terminal.err << ": " << printable(text_of(*trail, "title"));
    terminal.err << '\n';
    return kWrong;
  }
  if (output == "json") {
    terminal.out << answer->body;
  } else {
    print_trail(*trail, terminal);
  }
  return kFine;
}

}  // namespace

void add_explain(CLI::App& app, Session& session) {
  Command command(app, session, "explain",
                  "Say what would be decided about a request, or what was decided about one");
  Value<std::string> what = command.argument(
      "what", "METHOD|REQUEST_ID", "Method of a request, or the id of one that was served", true);
  Value<std::string> url =
      command.argument("url", "URL", "Address it would be sent to; nothing is sent");
  const AdminAccess access(command);
  Value<std::string> client =
      command.option("--client", "ADDRESS", "Address it would come from (default: 127.0.0.1)");
  Value<std::vector<std::string>> headers =
      command.list("-H,--header", "HEADER", "Header it would have, as 'Name: value'");
  Value<bool> tls = command.flag("--tls", "It would come over TLS, whatever the address says");
  for (const char* name : {"--client", "--header", "--tls"}) command.only_with(name, "url");
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport explain GET https://api.example.com/orders/7 --client 192.0.2.7",
                    "sallyport explain POST /orders --header 'Content-Type: application/json'",
                    "sallyport explain 0f8fad5bd9cb469fa165708670a2b8b1"});
  command.action([=, &session] {
    if (url->empty() && std::ranges::all_of(*what, [](char c) { return c >= 'A' && c <= 'Z'; })) {
      session.terminal.err << "sallyport: which URL would " << *what << " be sent to?\n";
      return kWrong;
    }
    if (url->empty()) return explain_served(*what, access, *output, session.terminal);
    return explain_request(
        {.method = *what, .url = *url, .client = *client, .headers = *headers, .tls = *tls},
        *access.config, *output, session.terminal);
  });
}

}  // namespace sallyport::cli
