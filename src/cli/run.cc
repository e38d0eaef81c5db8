// `sallyport run`: serves until told to stop. The one place where the gateway and its admin
// listener meet.
#include <unistd.h>

#include <array>
#include <optional>
#include <ostream>
#include <utility>

#include "admin/admin_server.h"
#include "admin/bootstrap.h"
#include "base/report.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/configuration_file.h"
#include "config/diagnostics_output.h"
#include "gateway/explain.h"
#include "gateway/revision_views.h"
#include "gateway/server.h"
#include "policy/inspection_checks.h"
#include "upstream/upstream.h"

namespace sallyport::cli {
namespace {

// Runs a task of the gateway, and hands what it came to to whoever asked.
template <typename T, typename Done>
async::Detached hand_on(Task<T> task, Done done) {
  T result = co_await task;
  done(std::move(result));
}

admin::ReloadResult result_of(const gateway::ReloadOutcome& outcome) {
  admin::ReloadResult result{.ok = outcome.ok,
                             .revision = outcome.revision,
                             .diagnostics_json = {},
                             .error = outcome.error};
  if (!outcome.diagnostics.empty()) result.diagnostics_json = config::to_json(outcome.diagnostics);
  return result;
}

admin::RollBackResult::Fault fault_of(gateway::RollBackFault fault) {
  using From = gateway::RollBackFault;
  using To = admin::RollBackResult::Fault;
  switch (fault) {
    case From::none:
      return To::none;
    case From::no_such_revision:
      return To::no_such_revision;
    case From::store_unavailable:
      return To::store_unavailable;
    case From::audit_unavailable:
      return To::audit_unavailable;
    case From::busy:
      return To::busy;
    case From::file_differs:
      return To::file_differs;
    case From::not_writable:
      return To::not_writable;
    case From::refused:
      return To::refused;
    case From::not_written:
      return To::not_written;
  }
  std::unreachable();
}

class GatewayBackend final : public admin::AdminBackend {
 public:
  explicit GatewayBackend(gateway::Server& server) : server_(server) {}

  [[nodiscard]] admin::Readiness readiness() override {
    admin::Readiness readiness{.ready = server_.ready(), .reasons = {}, .notes = {}};
    if (server_.snapshot() == nullptr) {
      readiness.reasons.emplace_back("no configuration is in force");
      return readiness;
    }
    readiness.revision = server_.snapshot()->revision;
    if (!readiness.ready) readiness.reasons.emplace_back("the gateway is stopping");
    for (const auto& [name, entry] : server_.snapshot()->upstreams) {
      if (!any_endpoint_up(entry)) {
        readiness.notes.push_back("upstream " + name + " has no healthy endpoint");
      }
    }
    note_checks(readiness);
    if (gateway::State* state = server_.state(); state != nullptr) {
      for (std::string& each : state->complaints()) readiness.notes.push_back(std::move(each));
    }
    return readiness;
  }

  [[nodiscard]] admin::ConfigurationInForce configuration() override {
    if (server_.snapshot() == nullptr) return {};
    const config::Snapshot& snapshot = *server_.snapshot();
    return {.revision = snapshot.revision,
            .fingerprint = snapshot.fingerprint,
            .file = snapshot.file,
            .json = snapshot.redacted};
  }

  [[nodiscard]] std::string metrics() override { return server_.metrics().exposition(); }

  void reload(std::string actor, std::function<void(admin::ReloadResult)> done) override {
    server_.reload(
        {.actor = actor.empty() ? "admin" : std::move(actor), .why = "asked by the admin listener"},
        [done = std::move(done)](const gateway::ReloadOutcome& outcome) {
          done(result_of(outcome));
        });
  }

  void revisions(std::function<void(const Revisions&)> done) override {
    hand_on(server_.revisions().list(), std::move(done));
  }

  void find_revision(
      std::int64_t number,
      std::function<void(const store::Outcome<admin::ShownRevision>&)> done) override {
    hand_on(gateway::view_of(server_.revisions(), server_.background(), number),
            [done = std::move(done)](store::Outcome<gateway::RevisionView> view) {
              if (!view) return done(store::fail(view));
              done(admin::ShownRevision{.revision = std::move(view->kept.revision),
                                        .text = std::move(view->kept.text),
                                        .json = std::move(view->json)});
            });
  }

  void compare_revisions(
      std::int64_t before, std::int64_t after,
      std::function<void(const store::Outcome<admin::RevisionDifference>&)> done) override {
    hand_on(gateway::compare(server_.revisions(), server_.background(), before, after),
            [done = std::move(done)](store::Outcome<gateway::RevisionComparison> compared) {
              if (!compared) return done(store::fail(compared));
              done(admin::RevisionDifference{.before = std::move(compared->before),
                                             .after = std::move(compared->after),
                                             .changes = std::move(compared->changes),
                                             .diff = std::move(compared->diff)});
            });
  }

  void roll_back(std::int64_t number, bool force, std::string actor,
                 std::function<void(const admin::RollBackResult&)> done) override {
    server_.roll_back(number, force,
                      {.actor = actor.empty() ? "admin" : std::move(actor), .why = {}},
                      [done = std::move(done)](const gateway::RollBackOutcome& outcome) {
                        done(admin::RollBackResult{.fault = fault_of(outcome.fault),
                                                   .text = outcome.text,
                                                   .load = result_of(outcome.load)});
                      });
  }

  void find_trail(std::string request_id, std::function<void(std::string)> done) override {
    server_.find_trail(std::move(request_id), std::move(done));
  }

  [[nodiscard]] admin::Answer explain(const admin::Question& question) override {
    if (server_.snapshot() == nullptr) return {.json = {}, .error = "nothing is in force"};
    admin::Answer answer;
    std::optional<gateway::Explanation> explanation = gateway::explain(server_.snapshot(),
                                                                       {.method = question.method,
                                                                        .url = question.url,
                                                                        .client = question.client,
                                                                        .headers = question.headers,
                                                                        .tls = question.tls},
                                                                       answer.error);
    if (explanation) answer.json = gateway::to_json(*explanation);
    return answer;
  }

  [[nodiscard]] store::Store* store() override {
    return server_.state() != nullptr ? &server_.state()->store() : nullptr;
  }
  [[nodiscard]] store::AuditTrail* audit() override {
    return server_.state() != nullptr ? &server_.state()->audit() : nullptr;
  }

  [[nodiscard]] std::shared_ptr<const config::AdminSettings> settings() override {
    const std::shared_ptr<const config::Snapshot>& snapshot = server_.snapshot();
    if (snapshot == nullptr) return std::make_shared<const config::AdminSettings>();
    return {snapshot, &snapshot->admin};
  }

 private:
  static void note_checks(admin::Readiness& readiness) {
    const InspectionChecks& checks = InspectionChecks::of_process();
    const std::uint64_t wrong = checks.count_of(InspectionCheck::disagreed);
    if (wrong == 0) return;
    readiness.notes.push_back("waf: " + std::to_string(wrong) +
                              " checked verdicts were wrong, the last one of request " +
                              checks.last_disagreed());
  }

  [[nodiscard]] bool any_endpoint_up(const config::UpstreamEntry& entry) const {
    std::shared_ptr<const upstream::EndpointSet> set = entry.live->endpoints();
    for (const auto& endpoint : set->endpoints) {
      if (endpoint->healthy() && !endpoint->ejected(server_.reactor().now())) return true;
    }
    return false;
  }

  gateway::Server& server_;
};

// Before the admin listener first answers, somebody must be able to sign in.
void make_first_token(gateway::Server& server) {
  if (server.state() == nullptr) return;
  auto made = admin::bootstrap(server.state()->store(), server.state()->audit());
  if (!made) {
    report(Severity::error,
           "no admin token could be made, so nobody may administer: " + made.error().text);
  } else if (*made) {
    // Nobody else is told, and it is kept nowhere.
    report(Severity::info,
           "the first admin token, shown once: " + std::string((*made)->text.view()) +
               " (keep it in a file of mode 600, for --token-file)");
  }
}

// Resolved at the start: after an upgrade the path names the new binary, which is what is wanted.
std::string program_path(const std::string& fallback) {
  std::array<char, 4096> path{};
  ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return fallback;
  return {path.data(), static_cast<std::size_t>(size)};
}

int run(const std::string& config, const Session& session) {
  gateway::Signals::block();
  gateway::Server server({.config = config,
                          .invocation = {.program = program_path(session.arguments.front()),
                                         .arguments = session.arguments}});
  GatewayBackend backend(server);
  admin::AdminServer admin(server.reactor(), backend);
  server.on_admin_listener([&, first = true](int fd) mutable {
    if (fd >= 0 && std::exchange(first, false)) make_first_token(server);
    if (fd < 0 && !server.ready()) {
      admin.stop();
    } else {
      admin.listen(fd);
    }
  });
  server.on_live([&admin] { admin.configuration_changed(); });
  int status = server.run();
  // Where it ended before its loop began: one turn for what was started and stopped meanwhile.
  server.reactor().stop();
  server.reactor().run();
  return status;
}

}  // namespace

void add_run(CLI::App& app, Session& session) {
  Command command(app, session, "run", "Serve until told to stop");
  Value<std::string> config = command.config();
  command.examples({"sallyport run --config sallyport.yaml"});
  command.action([&session, config] {
    std::optional<std::string> file = find_configuration(*config, session.terminal);
    return file ? run(*file, session) : kWrong;
  });
}

}  // namespace sallyport::cli
