// Start, signals, stop.
#include "gateway/server.h"

#include <grp.h>
#include <pwd.h>
#include <signal.h>  // NOLINT(*-deprecated-headers): SIGHUP and friends are POSIX
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/report.h"
#include "base/version.h"
#include "gateway/notify.h"
#include "gateway/state_folder.h"
#include "token_service/service.h"

namespace sallyport::gateway {
namespace {

using namespace std::chrono_literals;

constexpr rlim_t kWantedDescriptors = 262'144;
constexpr std::uint64_t kTicketKeyHours = 6;

// As many descriptors as we may have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  rlimit wanted{.rlim_cur = std::max(limit.rlim_cur, kWantedDescriptors),
                .rlim_max = std::max(limit.rlim_max, kWantedDescriptors)};
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) return;  // needs privileges
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void print(const schema::Diagnostics& diagnostics) {
  std::string text = diagnostics.to_text();
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Server::Server(Options options)
    : options_(std::move(options)),
      ticket_keys_(std::make_shared<async::TicketKeys>()),
      metrics_(std::string(kVersion)),
      care_(reactor_, background_),
      watcher_({options_.config}) {}

Server::~Server() = default;

int Server::run() {
  Ticks::calibrate();
  raise_descriptor_limit();

  config::LoadOptions load_options;
  load_options.ticket_keys = ticket_keys_;
  config::LoadResult loaded = config::load(options_.config, load_options);
  print(loaded.diagnostics);
  if (loaded.snapshot == nullptr) {
    report(Severity::error, "not started: " + options_.config + " has errors");
    return 2;
  }
  listeners_.emplace();
  listeners_->inherit();
  std::string error;
  std::vector<std::string> keys;
  if (!open_listeners(*loaded.snapshot, keys, error)) {
    report(Severity::error, "not started: " + error);
    return 2;
  }
  // Ports may need privileges; everything from here on is done as whom we shall be, so that what
  // works now (the log above all) works again later.
  const config::StateSettings& kept = loaded.snapshot->state;
  if (!kept.path.empty()) {
    auto made = make_state_folder(kept, loaded.snapshot->user);
    if (!made) {
      report(Severity::error, "not started: " + made.error());
      return 2;
    }
  }
  if (!loaded.snapshot->user.empty() && !drop_privileges(loaded.snapshot->user)) return 2;
  auto log = telemetry::LogSink::open({.path = loaded.snapshot->log.access});
  if (!log) {
    report(Severity::error, "not started: log.access: " + log.error());
    return 2;
  }
  log_ = std::move(*log);
  if (!open_state(*loaded.snapshot)) return 2;
  revisions_ = std::make_shared<Revisions>(reactor_, state_ != nullptr ? &state_->store() : nullptr,
                                           options_.config);
  loaded.snapshot->revision = static_cast<std::uint64_t>(revisions_->first_number(loaded.text));
  start_workers(*loaded.snapshot);
  metrics_.add_source([this](telemetry::PrometheusWriter& out) { write_gauges(out); });
  if (!go_live(std::move(loaded.snapshot), error)) {
    report(Severity::error, "not started: " + error);
    stop_workers();
    return 2;
  }
  keep_revision(loaded, {.actor = "sallyport", .why = "start"});
  Signals signals(reactor_, [this](int signal) { on_signal(signal); });
  for (const config::Listener& listener : live_->listeners) {
    const ListeningSockets* sockets = listeners_->find(listener_key(listener, 0));
    report(Severity::info, std::string("listening on ") +
                               (listener.tls != nullptr ? "https://" : "http://") +
                               sockets->address.text());
  }
  report(Severity::info, "serving revision " + std::to_string(live_->revision) + " of " +
                             options_.config + " with " + std::to_string(workers_.size()) +
                             " workers");
  record(gateway_started(*live_));
  Upgrade::tell_predecessor();
  notify_supervisor("READY=1\nMAINPID=" + std::to_string(getpid()));
  every_second();
  reactor_.run();
  return status_;
}

void Server::start_workers(const config::Snapshot& snapshot) {
  for (unsigned i = 0; i < snapshot.workers; ++i) {
    workers_.push_back(std::make_unique<Worker>(i, log_.get(), metrics_.add_worker(), limits_,
                                                snapshot.trail_records));
  }
  for (auto& worker : workers_) worker->start();
}

bool Server::open_state(const config::Snapshot& snapshot) {
  if (snapshot.state.path.empty()) return true;
  auto opened = State::open(snapshot.state);
  if (!opened) {
    report(Severity::error, "not started: " + opened.error());
    return false;
  }
  state_ = std::move(*opened);
  return true;
}

void Server::record(store::AuditEvent event) {
  if (state_ != nullptr) state_->record(std::move(event));
}

bool Server::drop_privileges(const std::string& user) {
  if (geteuid() != 0) return true;
  errno = 0;
  const passwd* entry = getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe): start-up
  if (entry == nullptr) {
    report(Severity::error, "not started: user: there is no user " + user);
    return false;
  }
  if (initgroups(entry->pw_name, entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 ||
      setuid(entry->pw_uid) != 0) {
    report(Severity::error, "not started: cannot become " + user + ": " + std::strerror(errno));
    return false;
  }
  return true;
}

void Server::on_signal(int signal) {
  switch (signal) {
    case SIGHUP:
      reload({.actor = "signal", .why = "SIGHUP"}, nullptr);
      break;
    case SIGUSR1:
      report(Severity::info, "reopening the access log");
      log_->reopen();
      break;
    case SIGUSR2:
      upgrade();
      break;
    default:
      if (draining_) {  // asked twice: now
        stop_workers();
        reactor_.stop();
      } else {
        drain({.actor = "signal", .why = signal == SIGINT ? "SIGINT" : "SIGTERM"});
      }
  }
}

void Server::upgrade() {
  if (upgrade_.running()) {
    upgrade_again_ = true;  // the binary may have been mended since
    return;
  }
  std::string error;
  bool begun = upgrade_.start(
      options_.invocation, *listeners_,
      state_ != nullptr ? state_->key_for_successor().view() : std::string_view(), reactor_,
      [this](bool serves) {
        if (!serves) {
          report(Severity::error,
                 "upgrade failed: the new process ended before it served; "
                 "this one goes on. Its messages are above");
          if (std::exchange(upgrade_again_, false)) upgrade();
          return;
        }
        report(Severity::info, "upgrade: the new process serves; this one ends its requests");
        if (admin_changed_) admin_changed_(-1);  // questions go to the successor from now on
        drain({.actor = "signal", .why = "the upgraded process serves"});
      },
      error);
  if (!begun) {
    report(Severity::error, "upgrade not started: " + error);
    return;
  }
  report(Severity::info, "upgrade: starting " + options_.invocation.program);
}

void Server::drain(const Cause& cause) {
  if (draining_) return;
  draining_ = true;
  record(gateway_stopping(cause));
  if (!upgrade_.running()) notify_supervisor("STOPPING=1");
  report(Severity::info, "stopping: waiting for " + std::to_string(limits_.open()) +
                             " connections, at most " +
                             std::to_string(live_->drain.count() / 1000) + " s");
  // Workers hold duplicates until they have taken what is queued. Whoever asks on the admin
  // listener is still told that we are not ready.
  listeners_->keep_only({Listeners::kAdminKey + live_->admin.address});
  still_accepting_ = workers_.size();
  for (auto& worker : workers_) {
    worker->drain([this] { reactor_.post([this] { --still_accepting_; }); });
  }
  wait_until_drained();
}

async::Detached Server::wait_until_drained() {
  std::uint64_t deadline = reactor_.now() + static_cast<std::uint64_t>(live_->drain.count());
  // Until every worker has taken what was queued, nobody knows how much there is to wait for.
  while ((still_accepting_ > 0 || limits_.open() > 0 || rolling_back_) &&
         reactor_.now() < deadline && !stopped_) {
    async::Sleep moment(reactor_, 20ms);
    draining_sleep_ = &moment;
    co_await moment;
    draining_sleep_ = nullptr;
  }
  if (stopped_) co_return;
  if (limits_.open() > 0) {
    report(Severity::warning,
           "closing " + std::to_string(limits_.open()) + " connections that did not end in time");
  }
  stop_workers();
  reactor_.stop();
}

void Server::stop_workers() {
  if (stopped_) return;
  stopped_ = true;
  care_.stop();
  if (admin_changed_) admin_changed_(-1);
  if (second_ != nullptr) second_->cancel();
  if (draining_sleep_ != nullptr) draining_sleep_->cancel();
  for (auto& worker : workers_) worker->stop();
  for (auto& worker : workers_) worker->join();
  if (live_ != nullptr && live_->token_service != nullptr) live_->token_service->stop();
  if (log_ != nullptr) log_->stop();
}

async::Detached Server::every_second() {
  for (std::uint64_t seconds = 1; !stopped_; ++seconds) {
    async::Sleep second(reactor_, 1s);
    second_ = &second;
    co_await second;
    second_ = nullptr;
    if (draining_) continue;
    if (live_->token_service != nullptr) live_->token_service->tick();
    revisions_->retry();
    if (seconds % (kTicketKeyHours * 3600) == 0) ticket_keys_->rotate();
    if (watcher_.changed()) reload({.actor = "watch", .why = "a file changed"}, nullptr);
  }
}

void Server::find_trail(std::string request_id, std::function<void(std::string)> done) {
  struct Search {
    std::size_t left;
    std::string found;
    std::function<void(std::string)> done;
  };
  auto search = std::make_shared<Search>(Search{workers_.size(), {}, std::move(done)});
  for (auto& worker : workers_) {
    worker->post([this, search, request_id](Worker& here) {
      const telemetry::TrailRing::Record* record = here.recorder().trails().find(request_id);
      std::string json = record != nullptr ? telemetry::TrailRing::to_json(*record, 2) : "";
      reactor_.post([search, json = std::move(json)]() mutable {
        if (!json.empty()) search->found = std::move(json);
        if (--search->left == 0) search->done(std::move(search->found));
      });
    });
  }
}

}  // namespace sallyport::gateway
