// The process: loads and swaps configurations, owns the workers, reacts to signals. Everything here
// runs on the controlling thread, which serves no traffic.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/background.h"
#include "async/reactor.h"
#include "async/task.h"
#include "async/tls_context.h"
#include "config/load.h"
#include "config/snapshot.h"
#include "config/watch.h"
#include "gateway/audit_events.h"
#include "gateway/connection_limits.h"
#include "gateway/listeners.h"
#include "gateway/revisions.h"
#include "gateway/signals.h"
#include "gateway/state.h"
#include "gateway/upgrade.h"
#include "gateway/worker.h"
#include "telemetry/log_sink.h"
#include "telemetry/metrics.h"
#include "upstream/care.h"

namespace sallyport::gateway {

struct ReloadOutcome {
  bool ok = false;
  std::uint64_t revision = 0;  // in force now
  schema::Diagnostics diagnostics;
  std::string error;  // beyond the file: a port that is taken
};

enum class RollBackFault : std::uint8_t {
  none,
  no_such_revision,
  store_unavailable,
  audit_unavailable,
  busy,          // stopping, or too many wait
  file_differs,  // the file is not what is in force
  not_writable,  // nor can it be replaced
  refused,       // the revision does not load: see the outcome
  not_written,   // it is in force, and the file is not replaced
};

struct RollBackOutcome {
  RollBackFault fault = RollBackFault::none;
  std::string text;  // a sentence or two for the operator
  ReloadOutcome load;
};

class Server {  // NOLINT(clang-analyzer-optin.performance.Padding): made and destroyed in order
 public:
  struct Options {
    std::string config;
    Invocation invocation;
  };
  // Signals must be blocked already (Signals::block): this starts threads.
  explicit Server(Options options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Called with the descriptor of the admin listener each time it changes, -1: there is none.
  void on_admin_listener(std::function<void(int)> changed) { admin_changed_ = std::move(changed); }

  // Called each time another configuration is in force.
  void on_live(std::function<void()> changed) { live_changed_ = std::move(changed); }

  // Loads, binds, serves until told to stop. Returns the exit status: 0 after a clean stop, 2 when
  // the configuration is wrong or a port is taken.
  int run();

  // For the admin interface, on the controlling thread.
  [[nodiscard]] async::Reactor& reactor() { return reactor_; }
  [[nodiscard]] async::Background& background() { return background_; }
  [[nodiscard]] const std::shared_ptr<const config::Snapshot>& snapshot() const { return live_; }
  [[nodiscard]] telemetry::Metrics& metrics() { return metrics_; }
  // What is kept on the disk, from run() on until the server ends; null: the configuration names no
  // place for it.
  [[nodiscard]] State* state() { return state_.get(); }
  // Serving and not about to stop.
  [[nodiscard]] bool ready() const { return live_ != nullptr && !draining_; }
  // Reads the file again; `done` is called once it is in force or refused. `cause` is recorded.
  void reload(Cause cause, std::function<void(const ReloadOutcome&)> done);
  // The configurations that were in force; once run() has begun to serve.
  [[nodiscard]] Revisions& revisions() { return *revisions_; }
  // Brings a former configuration into force and into the file, or leaves both as they are.
  // `force`: also if the file was changed and that is not in force. `cause` says who.
  void roll_back(std::int64_t revision, bool force, const Cause& cause,
                 std::function<void(const RollBackOutcome&)> done);
  // The decision trail of a finished request as JSON, empty if it is not kept (any more).
  void find_trail(std::string request_id, std::function<void(std::string)> done);

 private:
  void start_workers(const config::Snapshot& snapshot);
  // Makes a checked configuration the one in force. False with `error`: nothing has changed.
  bool go_live(std::unique_ptr<config::Snapshot> snapshot, std::string& error);
  bool open_listeners(const config::Snapshot& snapshot, std::vector<std::string>& keys,
                      std::string& error);
  static void connect_upstreams(config::Snapshot& snapshot, const config::Snapshot* before);
  [[nodiscard]] bool start_token_service(const config::Snapshot& snapshot, std::string& error);
  void hand_listeners(const std::shared_ptr<const config::Snapshot>& snapshot);
  void resolve_redirects(config::Snapshot& snapshot) const;
  void apply_limits(const config::Snapshot& snapshot);
  void finish_reload(config::LoadResult& result, const Cause& cause);
  void start_reload(Cause cause);
  // Reads and prepares a configuration in the background, which takes `load`.
  using Load = std::move_only_function<config::LoadResult(const config::LoadOptions&)>;
  void load_aside(Load load, std::move_only_function<void(config::LoadResult&)> done);
  [[nodiscard]] bool take(config::LoadResult& result, const Cause& cause, std::string& error);
  // Goes on with what waits for it.
  void end_loading();
  void once_installed(std::function<void()> done);
  void keep_revision(const config::LoadResult& result, const Cause& cause);
  async::Detached roll_back_aside(std::int64_t revision, bool force, Cause cause,
                                  std::function<void(const RollBackOutcome&)> done);
  [[nodiscard]] Task<RollBackOutcome> bring_back(std::int64_t revision, bool force, Cause cause);
  [[nodiscard]] bool open_state(const config::Snapshot& snapshot);
  void record(store::AuditEvent event);
  [[nodiscard]] static bool drop_privileges(const std::string& user);
  void on_signal(int signal);
  void upgrade();
  void drain(const Cause& cause);
  async::Detached every_second();
  async::Detached wait_until_drained();
  void stop_workers();
  void write_gauges(telemetry::PrometheusWriter& out);

  const Options options_;
  async::Reactor reactor_;
  async::Background background_{2};
  std::shared_ptr<async::TicketKeys> ticket_keys_;
  telemetry::Metrics metrics_;
  std::unique_ptr<telemetry::LogSink> log_;
  std::shared_ptr<Revisions> revisions_;
  std::unique_ptr<State> state_;
  ConnectionLimits limits_;
  std::optional<Listeners> listeners_;
  std::vector<std::unique_ptr<Worker>> workers_;
  upstream::Care care_;
  config::Watcher watcher_;
  Upgrade upgrade_;
  std::function<void(int)> admin_changed_;
  std::function<void()> live_changed_;
  std::shared_ptr<const config::Snapshot> live_;
  std::shared_ptr<const std::string> live_text_;  // of the file that live_ was made from
  std::vector<std::string> live_keys_;            // of the listeners in force
  int admin_fd_ = -1;
  bool reloading_ = false;
  bool rolling_back_ = false;
  std::deque<std::move_only_function<void()>> roll_backs_;  // that wait
  std::optional<Cause> reload_again_;
  std::vector<std::function<void(const ReloadOutcome&)>> reload_waiting_;
  struct Installing {
    std::function<void()> done;
    std::size_t left;  // workers that have not taken the configuration yet; one more: the store
  };
  std::list<Installing> installing_;
  async::Sleep* second_ = nullptr;  // what every_second waits on
  async::Sleep* draining_sleep_ = nullptr;
  bool upgrade_again_ = false;       // asked for while one was failing
  std::size_t still_accepting_ = 0;  // workers that have not begun to drain
  bool draining_ = false;
  bool stopped_ = false;
  int status_ = 0;
};

}  // namespace sallyport::gateway
