// `sallyport admin-tokens`: who may administer, by way of the admin API of a running gateway.
#include "cli/callers/admin_api.h"
#include "cli/commands.h"

namespace sallyport::cli {
namespace {

const RecordFamily kFamily{.name = "admin-tokens",
                           .record = "token",
                           .example = "MZXW6YTBOI2DEMZU",
                           .place = "/v1/admin-tokens/"};

void add_list(CLI::App& family, Session& session) {
  Command command(family, session, "list", "List admin tokens, without their secrets");
  const AdminFlags flags(command);
  command.examples({"sallyport admin-tokens list"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? print_list(*api, "/v1/admin-tokens",
                            {"id", "name", "role", "created", "expires", "revoked"})
               : kWrong;
  });
}

void add_create(CLI::App& family, Session& session) {
  Command command(family, session, "create",
                  "Make an admin token, which is shown here and never again");
  Value<std::string> name = command.argument("name", "NAME", "Whose it is, or what for", true);
  Value<std::string> role = command.choice("--role", {"viewer", "operator", "security", "admin"},
                                           "What it may do (default: viewer)");
  *role = "viewer";
  Value<std::string> expires =
      command.option("--expires", "TIME", "When it ends, or how long from now: 90d");
  const AdminFlags flags(command);
  command.examples({"sallyport admin-tokens create ci --role operator --expires 90d"});
  command.action([=, &session] {
    const auto end = time_text(*expires, session.terminal);
    auto api = end ? AdminApi::open(flags, session.terminal) : std::nullopt;
    if (!api) return kWrong;
    BodyWriter body;
    body.text("name", *name).text("role", *role).text("expires", *end);
    return print_answer(*api, api->call("POST", "/v1/admin-tokens", body.body()));
  });
}

}  // namespace

void add_admin_tokens(CLI::App& app, Session& session) {
  CLI::App& family = add_family(app, "admin-tokens", "Manage who may administer the gateway",
                                {"sallyport admin-tokens create ci --role operator --expires 90d"});
  add_list(family, session);
  add_create(family, session);
  add_plain(family, session, kFamily, "revoke", "Refuse an admin token from now on, for good",
            "POST", "/revoke");
}

}  // namespace sallyport::cli
