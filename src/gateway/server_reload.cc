// From a checked configuration to one in force, without losing a request.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "base/report.h"
#include "gateway/notify.h"
#include "gateway/server.h"
#include "policy/route.h"
#include "token_service/service.h"

namespace sallyport::gateway {
namespace {

// Descriptors that clients cannot take: connections to upstreams, files, probes. Most clients are
// idle most of the time, so one to one would waste half of what there is.
constexpr rlim_t kReserved = 512;

std::uint32_t derived_connection_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1000;
  rlim_t usable = limit.rlim_cur > 2 * kReserved ? limit.rlim_cur - kReserved : limit.rlim_cur / 2;
  return static_cast<std::uint32_t>(std::min<rlim_t>(usable, 1'000'000));
}

}  // namespace

void Server::reload(Cause cause, std::function<void(const ReloadOutcome&)> done) {
  if (done) reload_waiting_.push_back(std::move(done));
  if (reloading_) {
    reload_again_ = std::move(cause);  // the file may have changed since that one began reading it
    return;
  }
  start_reload(std::move(cause));
}

void Server::start_reload(Cause cause) {
  reloading_ = true;
  load_aside(
      [this](const config::LoadOptions& options) { return config::load(options_.config, options); },
      [this, cause = std::move(cause)](config::LoadResult& result) {
        finish_reload(result, cause);
      });
}

// Everything that takes time happens in the background: reading, checking, looking up names.
void Server::load_aside(Load load, std::move_only_function<void(config::LoadResult&)> done) {
  config::LoadOptions options;
  options.ticket_keys = ticket_keys_;
  background_.run(
      [this, load = std::move(load), done = std::move(done), options, before = live_]() mutable {
        auto result = std::make_shared<config::LoadResult>(load(options));
        if (result->snapshot != nullptr) {
          connect_upstreams(*result->snapshot, before.get());
          for (const std::string& warning :
               upstream::Care::resolve_now(result->snapshot->live_upstreams())) {
            report(Severity::warning, warning);
          }
        }
        reactor_.post([done = std::move(done), result]() mutable { done(*result); });
      });
}

void Server::finish_reload(config::LoadResult& result, const Cause& cause) {
  ReloadOutcome outcome;
  outcome.ok = take(result, cause, outcome.error);
  outcome.diagnostics = result.diagnostics;
  outcome.revision = live_->revision;
  if (!reload_again_) {
    once_installed([outcome = std::move(outcome), waiting = std::exchange(reload_waiting_, {})] {
      for (const auto& done : waiting) done(outcome);
    });
  }  // else who waits gets the answer for the newest file
  end_loading();
}

void Server::end_loading() {
  reloading_ = false;
  if (!roll_backs_.empty()) {
    auto next = std::move(roll_backs_.front());
    roll_backs_.pop_front();
    return next();
  }
  if (reload_again_) start_reload(*std::exchange(reload_again_, std::nullopt));
}

// What was loaded comes into force, or what is wrong with it is told and recorded.
bool Server::take(config::LoadResult& result, const Cause& cause, std::string& error) {
  const std::shared_ptr<const config::Snapshot> before = live_;
  std::string text = result.diagnostics.to_text();
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, text.data(), text.size());
  if (draining_) {
    error = "the gateway is stopping";
  } else if (result.snapshot != nullptr) {
    // What is the same text is the same revision, also where a file that it names has changed.
    result.snapshot->revision = live_->revision + (result.text == *live_text_ ? 0 : 1);
    if (go_live(std::move(result.snapshot), error)) {
      report(Severity::info, "reload (" + cause.why + "): revision " +
                                 std::to_string(live_->revision) + " is in force");
      record(config_loaded(cause, *before, *live_));
      keep_revision(result, cause);
      return true;
    }
  }
  metrics_.reload_failed();
  // What is broken is still watched, so that mending it is noticed.
  std::vector<std::string> watched = result.watched;
  watched.insert(watched.end(), live_->watched.begin(), live_->watched.end());
  watcher_.watch(watched);
  report(Severity::error, "reload (" + cause.why + ") refused, revision " +
                              std::to_string(live_->revision) + " stays in force" +
                              (error.empty() ? "" : ": " + error));
  record(config_refused(cause, result, *live_, error));
  return false;
}

// Calls `done` once every worker has the configuration, for until then one of them may still let in
// whom the new one refuses; and once the store has it, or is known not to take it.
void Server::once_installed(std::function<void()> done) {
  const auto entry =
      installing_.insert(installing_.end(), {.done = std::move(done), .left = workers_.size() + 1});
  auto installed = [this, entry] {
    if (--entry->left > 0) return;
    entry->done();
    installing_.erase(entry);
  };
  for (auto& worker : workers_) {
    worker->post([this, installed](Worker& /*worker*/) { reactor_.post(installed); });
  }
  revisions_->when_settled(installed);
}

bool Server::go_live(std::unique_ptr<config::Snapshot> snapshot, std::string& error) {
  if (live_ != nullptr && snapshot->state != live_->state) {
    error =
        "state: another folder, database or master key counts from a start on: restart the "
        "gateway, or undo the change";
    return false;
  }
  if (state_ != nullptr) {
    snapshot->callers = &state_->callers();
    snapshot->store = &state_->store();
    if (snapshot->audit_denials) snapshot->denials = &state_->denials();
  }
  if (!start_token_service(*snapshot, error)) return false;
  std::vector<std::string> keys;
  if (!open_listeners(*snapshot, keys, error)) return false;
  if (live_ == nullptr) {
    connect_upstreams(*snapshot, nullptr);
    for (const std::string& warning : upstream::Care::resolve_now(snapshot->live_upstreams())) {
      report(Severity::warning, warning);
    }
  } else {
    if (snapshot->workers != workers_.size()) {
      report(Severity::warning, "workers: the new number is used after a restart or upgrade");
    }
    if (snapshot->log.access != live_->log.access) {
      auto redirected = log_->redirect(snapshot->log.access);
      if (!redirected) {
        error = "log.access: " + redirected.error();
        listeners_->keep_only(live_keys_);
        return false;
      }
    }
  }
  resolve_redirects(*snapshot);
  apply_limits(*snapshot);
  metrics_.configured(snapshot->revision, snapshot->fingerprint);
  std::vector<telemetry::CertificateExpiry> certificates;
  for (const config::Listener& listener : snapshot->listeners) {
    if (listener.tls == nullptr) continue;
    certificates.push_back({.name = listener.text, .not_after = listener.tls->earliest_expiry()});
  }
  if (snapshot->admin.tls != nullptr) {
    certificates.push_back({.name = "admin", .not_after = snapshot->admin.tls->earliest_expiry()});
  }
  metrics_.set_certificates(std::move(certificates));
  std::shared_ptr<const config::Snapshot> live(std::move(snapshot));
  hand_listeners(live);
  live_keys_ = keys;
  care_.set(live->live_upstreams());
  watcher_.watch(live->watched);
  if (live_ != nullptr && live_->token_service != nullptr) live_->token_service->stop();
  live_ = std::move(live);
  listeners_->keep_only(keys);
  const ListeningSockets* admin = listeners_->find(Listeners::kAdminKey + live_->admin.address);
  int fd = admin != nullptr ? admin->fds.front() : -1;
  if (fd != admin_fd_ && admin_changed_)
    admin_changed_(fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3));
  admin_fd_ = fd;
  if (live_changed_) live_changed_();
  return true;
}

bool Server::start_token_service(const config::Snapshot& snapshot, std::string& error) {
  if (snapshot.token_service == nullptr) return true;
  auto started = snapshot.token_service->start(
      state_->store(), [this](store::AuditEvent event) { record(std::move(event)); });
  if (!started) error = "token_service: " + started.error();
  return started.has_value();
}

bool Server::open_listeners(const config::Snapshot& snapshot, std::vector<std::string>& keys,
                            std::string& error) {
  auto open_all = [&] {
    for (const config::Listener& listener : snapshot.listeners) {
      for (std::size_t i = 0; i < listener.addresses.size(); ++i) {
        std::string key = listener_key(listener, i);
        if (!listeners_->open(
                key, listener.addresses[i],
                workers_.empty() ? snapshot.workers : static_cast<unsigned>(workers_.size()),
                error)) {
          return false;
        }
        keys.push_back(std::move(key));
      }
    }
    if (snapshot.admin.address.empty()) return true;
    std::string key = Listeners::kAdminKey + snapshot.admin.address;
    if (!listeners_->open(key, snapshot.admin.socket_address, 1, error)) return false;
    keys.push_back(std::move(key));
    return true;
  };
  if (open_all()) return true;
  listeners_->keep_only(live_keys_);
  return false;
}

// A redirect that names no port goes to the first TLS listener, whose port may have been picked by
// the system just now.
void Server::resolve_redirects(config::Snapshot& snapshot) const {
  std::uint16_t port = 443;
  for (const config::Listener& listener : snapshot.listeners) {
    if (listener.tls == nullptr) continue;
    port = listeners_->find(listener_key(listener, 0))->address.port();
    break;
  }
  for (config::Listener& listener : snapshot.listeners) {
    if (listener.redirect_to_https && listener.redirect_port == 0) listener.redirect_port = port;
  }
}

// Upstreams whose settings did not change are carried over as they are.
void Server::connect_upstreams(config::Snapshot& snapshot, const config::Snapshot* before) {
  for (auto& [name, entry] : snapshot.upstreams) {
    const upstream::Upstream* previous = nullptr;
    if (before != nullptr) {
      auto found = before->upstreams.find(name);
      if (found != before->upstreams.end()) previous = found->second.live.get();
    }
    entry.live = std::make_shared<upstream::Upstream>(entry.settings, previous);
  }
  for (auto& route : snapshot.routes) {
    if (route->upstream_name.empty()) continue;
    route->upstream = snapshot.upstreams.at(route->upstream_name).live;
  }
}

void Server::hand_listeners(const std::shared_ptr<const config::Snapshot>& snapshot) {
  std::vector<std::vector<WorkerListener>> shares(workers_.size());
  for (std::size_t i = 0; i < snapshot->listeners.size(); ++i) {
    const config::Listener& listener = snapshot->listeners[i];
    for (std::size_t a = 0; a < listener.addresses.size(); ++a) {
      const ListeningSockets* sockets = listeners_->find(listener_key(listener, a));
      // An upgrade may leave more sockets than workers: each has to be accepted from.
      for (std::size_t s = 0; s < sockets->fds.size(); ++s) {
        int fd = fcntl(sockets->fds[s], F_DUPFD_CLOEXEC, 3);
        if (fd < 0) continue;
        shares[s % workers_.size()].push_back({.key = sockets->key + "/" + std::to_string(s),
                                               .listener = i,
                                               .port = sockets->address.port(),
                                               .fd = fd});
      }
    }
  }
  for (std::size_t w = 0; w < workers_.size(); ++w) {
    workers_[w]->install(snapshot, std::move(shares[w]));
  }
}

void Server::apply_limits(const config::Snapshot& snapshot) {
  std::uint32_t total =
      snapshot.connections.total != 0 ? snapshot.connections.total : derived_connection_limit();
  std::uint32_t per_client = snapshot.connections.per_client != 0
                                 ? snapshot.connections.per_client
                                 : std::max<std::uint32_t>(total / 4, 1);
  limits_.set(total, per_client);
}

void Server::write_gauges(telemetry::PrometheusWriter& out) {
  log_->write_metrics(out);
  if (state_ != nullptr) state_->write_metrics(out);
  if (live_ == nullptr) return;
  using Type = telemetry::PrometheusWriter::Type;
  auto each_endpoint = [&](auto write) {
    for (const auto& [name, entry] : live_->upstreams) {
      std::shared_ptr<const upstream::EndpointSet> set = entry.live->endpoints();
      for (const auto& endpoint : set->endpoints) write(name, *endpoint);
    }
  };
  auto family = [&](std::string_view metric, Type type, std::string_view help, auto value) {
    out.family(metric, type, help);
    each_endpoint([&](const std::string& name, const upstream::Endpoint& endpoint) {
      out.sample({{"upstream", name}, {"endpoint", endpoint.text()}}, value(endpoint));
    });
  };
  family("sallyport_upstream_endpoint_up", Type::gauge,
         "1 while the endpoint's health probes succeed, or it has none.",
         [](const upstream::Endpoint& endpoint) { return endpoint.healthy() ? 1 : 0; });
  family(
      "sallyport_upstream_endpoint_ejected", Type::gauge,
      "1 while the endpoint gets no requests because it kept failing.",
      [&](const upstream::Endpoint& endpoint) { return endpoint.ejected(reactor_.now()) ? 1 : 0; });
  family("sallyport_upstream_endpoint_failures_total", Type::counter,
         "Requests that failed at the endpoint: not reached, timed out, no HTTP, 502, 503, 504.",
         [](const upstream::Endpoint& endpoint) { return endpoint.failures.load(); });
  family("sallyport_upstream_pool_connections", Type::gauge,
         "Connections open to the endpoint, in use and kept for the next request.",
         [](const upstream::Endpoint& endpoint) { return endpoint.connections.load(); });
}

}  // namespace sallyport::gateway
