// `sallyport signing-keys`: the keys of the token service, by way of the admin API of a running
// gateway.
#include "cli/callers/admin_api.h"
#include "cli/commands.h"
#include "schema/types.h"

namespace sallyport::cli {
namespace {

const RecordFamily kFamily{.name = "signing-keys",
                           .record = "kid",
                           .example = "Hq2mYh6Zl0mVfYdqkzq6vT4vJ8n9Xb3kFvYdqkzq6vT",
                           .place = "/v1/signing-keys/"};

void add_list(CLI::App& family, Session& session) {
  Command command(family, session, "list", "List the keys that tokens are signed with");
  const AdminFlags flags(command);
  command.examples({"sallyport signing-keys list"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? print_list(*api, "/v1/signing-keys",
                            {"state", "algorithm", "created", "active_from", "retired", "kid"})
               : kWrong;
  });
}

// Seconds of a duration such as "2h"; nothing, which is reported.
std::optional<std::string> seconds_of(const std::string& text, Terminal& terminal) {
  const auto duration = schema::parse_duration(text);
  if (duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*duration).count());
  }
  terminal.err << "sallyport: --in takes a duration such as 1h.\n";
  return std::nullopt;
}

void add_rotate(CLI::App& family, Session& session) {
  Command command(family, session, "rotate",
                  "Make a new key: it is published now, signs later, and the former one then signs "
                  "no more");
  Value<std::string> in =
      command.option("--in", "DURATION", "When it signs; 0s: at once (default: 1h)");
  *in = "1h";
  const AdminFlags flags(command);
  command.examples({"sallyport signing-keys rotate", "sallyport signing-keys rotate --in 0s"});
  command.action([=, &session] {
    const auto seconds = seconds_of(*in, session.terminal);
    auto api = seconds ? AdminApi::open(flags, session.terminal) : std::nullopt;
    if (!api) return kWrong;
    BodyWriter body;
    body.raw("in_seconds", *seconds);
    return print_answer(*api, api->call("POST", "/v1/signing-keys/rotate", body.body()));
  });
}

}  // namespace

void add_signing_keys(CLI::App& app, Session& session) {
  CLI::App& family = add_family(app, "signing-keys", "Manage the keys of the token service",
                                {"sallyport signing-keys rotate"});
  add_list(family, session);
  add_rotate(family, session);
  add_plain(family, session, kFamily, "retire",
            "Sign with it no more; what it has signed stays good until it expires", "POST",
            "/retire");
  add_plain(family, session, kFamily, "remove",
            "Forget it: what it has signed is refused from now on", "DELETE", "");
}

}  // namespace sallyport::cli
