// `sallyport clients`: OAuth clients, by way of the admin API of a running gateway.
#include "base/text.h"
#include "cli/callers/admin_api.h"
#include "cli/commands.h"
#include "cli/input_file.h"

namespace sallyport::cli {
namespace {

const RecordFamily kFamily{
    .name = "clients", .record = "client", .example = "shop", .place = "/v1/clients/"};

void add_list(CLI::App& family, Session& session) {
  Command command(family, session, "list", "List clients, without their secrets");
  const AdminFlags flags(command);
  command.examples({"sallyport clients list"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? print_list(*api, "/v1/clients",
                            {"id", "consumer", "has_secret", "mtls_subject", "scopes",
                             "grant_seconds", "disabled"})
               : kWrong;
  });
}

void add_create(CLI::App& family, Session& session) {
  Command command(family, session, "create",
                  "Make a client; without a key or a certificate it is given a secret, which is "
                  "shown here and never again");
  Value<std::string> consumer = command.argument("consumer", "NAME|ID", "For whom it acts", true);
  Value<std::string> id = command.option("--id", "ID", "What it is called (default: made up)");
  Value<std::vector<std::string>> scopes =
      command.list("--scope", "SCOPE", "Scope it may ask for; may be given several times");
  Value<std::string> grant =
      command.option("--grant-seconds", "SECONDS", "Lifetime of its tokens (default: 3600)");
  Value<std::string> jwk = command.option("--jwk", "FILE", "Its public key or keys, as JSON");
  Value<std::string> subject =
      command.option("--mtls-subject", "SUBJECT", "Subject of its client certificate");
  const AdminFlags flags(command);
  command.examples({"sallyport clients create acme --id shop --scope orders:read"});
  command.action([=, &session] {
    std::optional<std::string> key = "";
    if (!jwk->empty()) key = read_input(*jwk, session.terminal);
    if (!key || !is_object(*key, "--jwk", session.terminal)) return kWrong;
    if (!grant->empty() && !text::to_number(*grant)) {
      session.terminal.err << "sallyport: --grant-seconds is no number.\n";
      return kWrong;
    }
    auto api = AdminApi::open(flags, session.terminal);
    const auto whose = api ? api->consumer_id(*consumer) : std::nullopt;
    if (!whose) return kWrong;
    BodyWriter body;
    body.text("id", *id).text("consumer", *whose).list("scopes", *scopes);
    body.raw("grant_seconds", *grant).raw("jwk", *key).text("mtls_subject", *subject);
    return print_answer(*api, api->call("POST", "/v1/clients", body.body()));
  });
}

}  // namespace

void add_clients(CLI::App& app, Session& session) {
  CLI::App& family = add_family(app, "clients", "Manage OAuth clients",
                                {"sallyport clients create acme --id shop --scope orders:read"});
  add_list(family, session);
  add_plain(family, session, kFamily, "show", "Show a client, without its secret", "GET", "");
  add_create(family, session);
  add_plain(family, session, kFamily, "rotate",
            "Give a client a secret, shown here and never again, in the place of the one it had",
            "POST", "/secret");
  add_plain(family, session, kFamily, "remove", "Remove a client", "DELETE", "");
}

}  // namespace sallyport::cli
