// `sallyport consumers`: who calls, by way of the admin API of a running gateway.
#include "base/text.h"
#include "cli/callers/admin_api.h"
#include "cli/commands.h"

namespace sallyport::cli {
namespace {

void add_list(CLI::App& family, Session& session) {
  Command command(family, session, "list", "List consumers, in the order of names");
  const AdminFlags flags(command);
  command.examples({"sallyport consumers list", "sallyport consumers list --output json"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? print_list(*api, "/v1/consumers",
                            {"name", "id", "plan", "groups", "roles", "disabled", "created"})
               : kWrong;
  });
}

void add_show(CLI::App& family, Session& session) {
  Command command(family, session, "show", "Show a consumer");
  Value<std::string> name = command.argument("consumer", "NAME|ID", "Which one", true);
  const AdminFlags flags(command);
  command.examples({"sallyport consumers show acme"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    const auto id = api ? api->consumer_id(*name) : std::nullopt;
    return id ? print_answer(*api, api->call("GET", "/v1/consumers/" + *id)) : kWrong;
  });
}

// What can be said of a consumer.
struct ConsumerFlags {
  explicit ConsumerFlags(Command& command)
      : groups(command.list("--group", "GROUP", "Group it is in; may be given several times")),
        roles(command.list("--role", "ROLE", "Role it has; may be given several times")),
        plan(command.option("--plan", "PLAN", "Plan it has booked")),
        metadata(command.option("--metadata", "JSON", "Object with whatever else is to be kept")) {}

  void write(BodyWriter& body) const {
    body.list("groups", *groups).list("roles", *roles).text("plan", *plan);
    body.raw("metadata", *metadata);
  }

  Value<std::vector<std::string>> groups;
  Value<std::vector<std::string>> roles;
  Value<std::string> plan;
  Value<std::string> metadata;
};

void add_create(CLI::App& family, Session& session) {
  Command command(family, session, "create", "Make a consumer");
  Value<std::string> name =
      command.argument("name", "NAME", "Unique; what policies and logs call it", true);
  const ConsumerFlags said(command);
  const AdminFlags flags(command);
  command.examples({"sallyport consumers create acme --group partners --plan gold"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    if (!api || !is_object(*said.metadata, "--metadata", session.terminal)) return kWrong;
    BodyWriter body;
    body.text("name", *name);
    said.write(body);
    return print_answer(*api, api->call("POST", "/v1/consumers", body.body()));
  });
}

void add_change(CLI::App& family, Session& session) {
  Command command(family, session, "change", "Change what is named, and nothing else");
  Value<std::string> name = command.argument("consumer", "NAME|ID", "Which one", true);
  Value<std::string> new_name = command.option("--name", "NAME", "What it is called from now on");
  const ConsumerFlags said(command);
  Value<bool> disable = command.flag("--disable", "None of its credentials is good any more");
  Value<bool> enable = command.flag("--enable", "They are good again");
  command.at_most_one_of({"--disable", "--enable"});
  const AdminFlags flags(command);
  command.examples({"sallyport consumers change acme --plan silver",
                    "sallyport consumers change acme --disable"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    if (!api || !is_object(*said.metadata, "--metadata", session.terminal)) return kWrong;
    const auto id = api->consumer_id(*name);
    if (!id) return kWrong;
    BodyWriter body;
    body.text("name", *new_name);
    said.write(body);
    body.raw("disabled", *disable ? "true" : *enable ? "false" : "");
    return print_answer(*api, api->call("PATCH", "/v1/consumers/" + *id, body.body()));
  });
}

void add_remove(CLI::App& family, Session& session) {
  Command command(family, session, "remove", "Remove a consumer with its keys and clients");
  Value<std::string> name = command.argument("consumer", "NAME|ID", "Which one", true);
  const AdminFlags flags(command);
  command.examples({"sallyport consumers remove acme"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    const auto id = api ? api->consumer_id(*name) : std::nullopt;
    return id ? print_answer(*api, api->call("DELETE", "/v1/consumers/" + *id)) : kWrong;
  });
}

}  // namespace

void add_consumers(CLI::App& app, Session& session) {
  CLI::App& family =
      add_family(app, "consumers", "Manage who calls",
                 {"sallyport consumers list", "sallyport consumers import partners.jsonl"});
  add_list(family, session);
  add_show(family, session);
  add_create(family, session);
  add_change(family, session);
  add_remove(family, session);
  add_consumers_import(family, session);
}

}  // namespace sallyport::cli
