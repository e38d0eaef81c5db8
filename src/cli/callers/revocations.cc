// `sallyport tokens list|revoke|restore`: tokens that are refused before they expire, by way of the
// admin API of a running gateway.
#include "base/text.h"
#include "cli/callers/admin_api.h"
#include "cli/commands.h"

namespace sallyport::cli {
namespace {

// What is revoked: the one of these that was given.
struct Revoked {
  explicit Revoked(Command& command)
      : jti(command.option("--jti", "JTI", "One token, by its `jti`")),
        subject(command.option("--subject", "SUBJECT", "Every token of a subject")),
        client(command.option("--client", "CLIENT", "Every token of a client")) {
    command.at_most_one_of({"--jti", "--subject", "--client"});
  }

  struct Named {
    std::string kind;
    std::string value;
  };
  [[nodiscard]] std::optional<Named> named(Terminal& terminal) const {
    if (!jti->empty()) return Named{.kind = "token", .value = *jti};
    if (!subject->empty()) return Named{.kind = "subject", .value = *subject};
    if (!client->empty()) return Named{.kind = "client", .value = *client};
    terminal.err << "sallyport: which tokens? Name them with --jti, --subject or --client.\n";
    return std::nullopt;
  }

  Value<std::string> jti;
  Value<std::string> subject;
  Value<std::string> client;
};

void add_list(CLI::App& family, Session& session) {
  Command command(family, session, "list", "List what was revoked");
  Value<std::string> kind =
      command.choice("--kind", {"token", "subject", "client"}, "Of which kind (default: token)");
  *kind = "token";
  const AdminFlags flags(command);
  command.examples({"sallyport tokens list --kind subject"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? print_list(*api, "/v1/revocations?kind=" + *kind,
                            {"kind", "value", "created", "until"})
               : kWrong;
  });
}

void add_revoke(CLI::App& family, Session& session) {
  Command command(family, session, "revoke",
                  "Refuse tokens that were issued before now, although they have not expired");
  const Revoked revoked(command);
  Value<std::string> until = command.option(
      "--until", "TIME", "When the last of them expires, or how long from now: 1d", true);
  const AdminFlags flags(command);
  command.examples({"sallyport tokens revoke --subject ada --until 1d"});
  command.action([=, &session] {
    const auto named = revoked.named(session.terminal);
    const auto end = named ? time_text(*until, session.terminal) : std::nullopt;
    auto api = end ? AdminApi::open(flags, session.terminal) : std::nullopt;
    if (!api) return kWrong;
    BodyWriter body;
    body.text("kind", named->kind).text("value", named->value).text("until", *end);
    return print_answer(*api, api->call("POST", "/v1/revocations", body.body()));
  });
}

void add_restore(CLI::App& family, Session& session) {
  Command command(family, session, "restore", "Take a revocation back");
  const Revoked revoked(command);
  const AdminFlags flags(command);
  command.examples({"sallyport tokens restore --subject ada"});
  command.action([=, &session] {
    const auto named = revoked.named(session.terminal);
    auto api = named ? AdminApi::open(flags, session.terminal) : std::nullopt;
    if (!api) return kWrong;
    const std::string target =
        "/v1/revocations?kind=" + named->kind + "&value=" + text::percent_encoded(named->value);
    return print_answer(*api, api->call("DELETE", target));
  });
}

}  // namespace

void add_tokens_revocations(CLI::App& family, Session& session) {
  add_list(family, session);
  add_revoke(family, session);
  add_restore(family, session);
}

}  // namespace sallyport::cli
