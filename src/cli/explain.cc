// `sallyport explain`: what would happen to a request, or what happened to one.
#include <CLI/CLI.hpp>
#include <ostream>

#include "admin/query.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/configuration_file.h"
#include "cli/explain_text.h"
#include "cli/findings.h"
#include "cli/flags.h"
#include "cli/paint.h"
#include "config/load.h"
#include "gateway/explain.h"

namespace sallyport::cli {
namespace {

struct Wanted {
  std::string what;  // a method, or a request id
  std::string url;
  std::string client;
  std::vector<std::string> headers;
  bool tls = false;
};

int explain_request(const Wanted& wanted, const std::string& config, const std::string& output,
                    Terminal& terminal) {
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
  std::optional<gateway::Explanation> explanation = gateway::explain(*loaded.snapshot,
                                                                     {.method = wanted.what,
                                                                      .url = wanted.url,
                                                                      .client = wanted.client,
                                                                      .headers = wanted.headers,
                                                                      .tls = wanted.tls},
                                                                     error);
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

int explain_served(const Wanted& wanted, const std::string& admin, const std::string& config,
                   const std::string& output, Terminal& terminal) {
  std::optional<AdminClient> client = AdminClient::find(admin, config, terminal);
  if (!client) return kWrong;
  std::optional<AdminAnswer> answer =
      client->call("GET", "/trails/" + admin::encode_query(wanted.what), terminal);
  if (!answer) return kWrong;
  if (answer->status == 404) {
    terminal.err << "sallyport: no decision trail is kept of " << printable(wanted.what)
                 << ". Only the last requests of each worker are remembered (`trail` in the "
                    "configuration), and an id has 32 digits.\n";
    return kFindings;
  }
  std::optional<schema::Node> trail = parse_json(answer->body);
  if (answer->status != 200 || !trail) {
    terminal.err << "sallyport: the gateway answered with status " << answer->status << ".\n";
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
  CLI::App* command = app.add_subcommand(
      "explain", "Say what would be decided about a request, or what was decided about one");
  auto wanted = std::make_shared<Wanted>();
  command->add_option("what", wanted->what, "Method of a request, or the id of one that was served")
      ->type_name("METHOD|REQUEST_ID")
      ->required();
  CLI::Option* url =
      command->add_option("url", wanted->url, "Address it would be sent to; nothing is sent")
          ->type_name("URL");
  Value<std::string> config = add_config(*command);
  command->add_option("--client", wanted->client, "Address it would come from (default: 127.0.0.1)")
      ->type_name("ADDRESS")
      ->needs(url);
  command->add_option("-H,--header", wanted->headers, "Header it would have, as 'Name: value'")
      ->type_name("HEADER")
      ->allow_extra_args(false)
      ->needs(url);
  command->add_flag("--tls", wanted->tls, "It would come over TLS, whatever the address says")
      ->needs(url);
  Value<std::string> admin = add_admin(*command);
  Value<std::string> output = add_output(*command, {"text", "json"});
  set_examples(*command,
               {"sallyport explain GET https://api.example.com/orders/7 --client 192.0.2.7",
                "sallyport explain POST /orders --header 'Content-Type: application/json'",
                "sallyport explain 0f8fad5bd9cb469fa165708670a2b8b1"});
  command->callback([&session, wanted, config, admin, output] {
    session.action = [&session, wanted, config, admin, output] {
      if (wanted->url.empty()) {
        return explain_served(*wanted, *admin, *config, *output, session.terminal);
      }
      return explain_request(*wanted, *config, *output, session.terminal);
    };
  });
}

}  // namespace sallyport::cli
