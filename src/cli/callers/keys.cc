// `sallyport keys`: API keys, by way of the admin API of a running gateway.
#include "base/text.h"
#include "cli/callers/admin_api.h"
#include "cli/commands.h"
#include "schema/types.h"

namespace sallyport::cli {
namespace {

const RecordFamily kFamily{
    .name = "keys", .record = "key", .example = "MZXW6YTBOI2DEMZU", .place = "/v1/keys/"};

void add_list(CLI::App& family, Session& session) {
  Command command(family, session, "list", "List keys, without their secrets");
  Value<std::string> consumer =
      command.option("--consumer", "NAME|ID", "Whose (default: everybody's)");
  const AdminFlags flags(command);
  command.examples({"sallyport keys list --consumer acme"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    if (!api) return kWrong;
    std::string target = "/v1/keys";
    if (!consumer->empty()) {
      const auto id = api->consumer_id(*consumer);
      if (!id) return kWrong;
      target += "?consumer=" + *id;
    }
    return print_list(
        *api, target,
        {"id", "consumer", "label", "apis", "scopes", "expires", "revoked", "last_used"});
  });
}

void add_create(CLI::App& family, Session& session) {
  Command command(family, session, "create", "Issue a key, which is shown here and never again");
  Value<std::string> consumer = command.argument("consumer", "NAME|ID", "Whose it is", true);
  Value<std::string> label = command.option("--label", "TEXT", "For people");
  Value<std::vector<std::string>> apis = command.list(
      "--api", "NAME", "API it is good for (default: all); may be given several times");
  Value<std::vector<std::string>> networks =
      command.list("--network", "CIDR",
                   "Network it may be used from (default: any); may be given several times");
  Value<std::vector<std::string>> scopes =
      command.list("--scope", "SCOPE", "Scope it proves; may be given several times");
  Value<std::string> expires =
      command.option("--expires", "TIME", "When it ends, or how long from now: 90d");
  const AdminFlags flags(command);
  command.examples({"sallyport keys create acme --scope orders:read --expires 90d"});
  command.action([=, &session] {
    const auto end = time_text(*expires, session.terminal);
    auto api = end ? AdminApi::open(flags, session.terminal) : std::nullopt;
    const auto id = api ? api->consumer_id(*consumer) : std::nullopt;
    if (!id) return kWrong;
    BodyWriter body;
    body.text("consumer", *id).text("label", *label).list("apis", *apis);
    body.list("networks", *networks).list("scopes", *scopes).text("expires", *end);
    return print_answer(*api, api->call("POST", "/v1/keys", body.body()));
  });
}

void add_rotate(CLI::App& family, Session& session) {
  Command command(family, session, "rotate",
                  "Issue a key in the place of one, which stays good for a while");
  Value<std::string> id = command.argument("key", "ID", "Which one", true);
  Value<std::string> overlap =
      command.option("--overlap", "DURATION", "How long the old key stays good (default: 1d)");
  const AdminFlags flags(command);
  command.examples({"sallyport keys rotate MZXW6YTBOI2DEMZU --overlap 7d"});
  command.action([=, &session] {
    BodyWriter body;
    if (!overlap->empty()) {
      const auto duration = schema::parse_duration(*overlap);
      if (!duration || duration->count() % 1000 != 0) {
        session.terminal.err << "sallyport: --overlap is no number of whole seconds such as 7d.\n";
        return kWrong;
      }
      body.raw("overlap_seconds", std::to_string(duration->count() / 1000));
    }
    auto api = AdminApi::open(flags, session.terminal);
    return api ? print_answer(*api,
                              api->call("POST", kFamily.path_of(*id) + "/rotate", body.body()))
               : kWrong;
  });
}

}  // namespace

void add_keys(CLI::App& app, Session& session) {
  CLI::App& family = add_family(app, "keys", "Manage API keys",
                                {"sallyport keys create acme --scope orders:read --expires 90d"});
  add_list(family, session);
  add_plain(family, session, kFamily, "show", "Show a key, without its secret", "GET", "");
  add_create(family, session);
  add_rotate(family, session);
  add_plain(family, session, kFamily, "revoke", "Refuse a key from now on, for good", "POST",
            "/revoke");
  add_plain(family, session, kFamily, "remove", "Forget a key altogether", "DELETE", "");
}

}  // namespace sallyport::cli
