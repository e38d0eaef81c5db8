// `sallyport config`: the configurations that were in force, by way of the admin API of a running
// gateway.
#include <ostream>

#include "base/text.h"
#include "cli/callers/admin_api.h"
#include "cli/commands.h"
#include "cli/load_answer.h"
#include "cli/paint.h"

namespace sallyport::cli {
namespace {

constexpr std::string_view kPlace = "/v1/config/revisions";

std::string path_of(const std::string& number, std::string_view behind = {}) {
  return std::string(kPlace) + "/" + text::percent_encoded(number) + std::string(behind);
}

// The number of the revision in force; nothing, which is reported.
std::optional<std::string> number_in_force(AdminApi& api) {
  auto answer = api.call("GET", "/config");
  if (!answer || !answer->document) return std::nullopt;
  const auto number = answer->document->find("revision");
  return number ? std::optional(value_text(*number)) : std::nullopt;
}

void add_revisions(CLI::App& family, Session& session) {
  Command command(family, session, "revisions", "List the configurations that were in force");
  const AdminFlags flags(command);
  command.examples({"sallyport config revisions"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? print_list(
                     *api, std::string(kPlace),
                     {"number", "loaded", "in_force", "actor", "warnings", "fingerprint", "why"})
               : kWrong;
  });
}

// As it was written, for a file; or as the gateway tells it, without secrets and comments.
int show(AdminApi& api, const std::string& number) {
  if (api.as_json()) return print_answer(api, api.call("GET", path_of(number)));
  const auto answer = api.try_call("GET", path_of(number, "/text"), {});
  if (!answer) return kWrong;
  if (answer->status != 200) {
    api.report(*answer);
    return kWrong;
  }
  api.terminal().out << answer->body;
  return kFine;
}

void add_show(CLI::App& family, Session& session) {
  Command command(family, session, "show",
                  "Print one as it was written; with --output json, what it came to");
  Value<std::string> number = command.argument("revision", "NUMBER", "Which one", true);
  const AdminFlags flags(command);
  command.examples({"sallyport config show 12 > revision-12.yaml"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? show(*api, *number) : kWrong;
  });
}

void print_diff(std::string_view diff, Terminal& terminal) {
  const Paint paint(terminal);
  while (!diff.empty()) {
    const std::size_t end = std::min(diff.find('\n'), diff.size());
    const std::string line = printable(std::string(diff.substr(0, end)));
    terminal.out << (line.starts_with('-')   ? paint.bad(line)
                     : line.starts_with('+') ? paint.good(line)
                     : line.starts_with('@') ? paint.faint(line)
                                             : line)
                 << '\n';
    diff.remove_prefix(std::min(end + 1, diff.size()));
  }
}

int compare(AdminApi& api, const std::string& before, const std::string& other) {
  const auto after = other.empty() ? number_in_force(api) : other;
  if (!after) return kWrong;
  const std::string behind = "/diff/" + text::percent_encoded(*after);
  auto answer = api.call("GET", path_of(before, behind));
  if (!answer || !answer->document) return kWrong;
  if (api.as_json()) {
    api.terminal().out << answer->body;
  } else {
    const auto diff = answer->document->find("diff");
    print_diff(diff ? diff->string().value_or("") : "", api.terminal());
  }
  return kFine;
}

void add_diff(CLI::App& family, Session& session) {
  Command command(family, session, "diff",
                  "Say what differs between two, without secrets and comments");
  Value<std::string> before = command.argument("revision", "NUMBER", "The former one", true);
  Value<std::string> after =
      command.argument("other", "NUMBER", "The later one (default: the one in force)");
  const AdminFlags flags(command);
  command.examples({"sallyport config diff 11", "sallyport config diff 11 12 --output json"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? compare(*api, *before, *after) : kWrong;
  });
}

void add_rollback(CLI::App& family, Session& session) {
  Command command(family, session, "rollback",
                  "Bring a former one into force and into the file, or leave both as they are");
  Value<std::string> number = command.argument("revision", "NUMBER", "Which one", true);
  Value<bool> force = command.flag(
      "--force", "Also if the file was changed and that is not in force; it is kept beside");
  const AdminFlags flags(command);
  command.examples({"sallyport config rollback 11"});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    if (!api) return kWrong;
    const auto answer =
        api->try_call("POST", path_of(*number, *force ? "/rollback?force=true" : "/rollback"), {});
    return answer ? print_load(*answer, api->as_json(), session.terminal) : kWrong;
  });
}

}  // namespace

void add_config(CLI::App& app, Session& session) {
  CLI::App& family = add_family(app, "config", "Look at former configurations, and go back to one",
                                {"sallyport config revisions", "sallyport config rollback 11"});
  add_revisions(family, session);
  add_show(family, session);
  add_diff(family, session);
  add_rollback(family, session);
}

}  // namespace sallyport::cli
