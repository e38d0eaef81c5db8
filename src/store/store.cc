// See store.h.
#include "store/store.h"

#include <algorithm>

#include "base/clock.h"
#include "base/report.h"
#include "store/database/sqlite_database.h"

namespace sallyport::store {
namespace {

constexpr std::size_t kImportBatch = 5000;
constexpr std::size_t kUseBatch = 1000;
// At least so long from one look at a database that is in trouble to the next: it is opened anew
// and read as a whole.
constexpr std::chrono::milliseconds kRetry{500};

// The database's own trouble, as against a request that it turned down.
bool is_trouble(ErrorKind kind) {
  return kind == ErrorKind::unavailable || kind == ErrorKind::corrupt || kind == ErrorKind::refused;
}

}  // namespace

struct Store::Import {
  std::vector<Consumer> consumers;
  std::size_t done = 0;
  std::promise<Outcome<std::size_t>> promise;
};

Outcome<std::unique_ptr<Store>> Store::open(const std::string& path, KeyRing ring,
                                            StoreOptions options) {
  return open([path](bool create) { return open_sqlite({.path = path, .create = create}); },
              std::move(ring), options);
}

Outcome<std::unique_ptr<Store>> Store::open(DatabaseSource source, KeyRing ring,
                                            StoreOptions options) {
  auto shared = std::make_shared<const KeyRing>(std::move(ring));
  auto connection = Connection::open(source, shared, true);
  if (!connection) return fail(connection);
  return std::unique_ptr<Store>(  // private
      new Store(std::move(source), std::move(shared), options, std::move(*connection)));
}

Store::Store(DatabaseSource source, std::shared_ptr<const KeyRing> ring, StoreOptions options,
             std::unique_ptr<Connection> connection)
    : source_(std::move(source)),
      ring_(std::move(ring)),
      options_(options),
      connection_(std::move(connection)),
      directory_(connection_->builder().view()),
      next_uses_(std::chrono::steady_clock::now() + options_.use_interval) {
  health_.since = wall_milliseconds();
  thread_ = std::thread([this] { loop(); });
}

Store::~Store() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

StoreHealth Store::health() const {
  const std::scoped_lock lock(mutex_);
  StoreHealth health = health_;
  health.waiting = queue_.size();
  return health;
}

void Store::submit(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Store::loop() {
  auto next_tick = std::chrono::steady_clock::now() + options_.tick;
  for (;;) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, next_tick, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty() && stopping_) break;
      if (!queue_.empty()) {
        job.emplace(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    if (job) process(*job);
    if (std::chrono::steady_clock::now() < next_tick) continue;
    tick();
    const auto pause = health().up ? options_.tick : std::max(options_.tick, kRetry);
    next_tick = std::chrono::steady_clock::now() + pause;
  }
  note(write_uses());
}

void Store::process(Job& job) {
  auto outcome = transact([&job](Session& session) { return job.step(session); });
  note(outcome);
  job.finish(std::move(outcome));
}

Outcome<void> Store::transact(const std::function<Outcome<void>(Session&)>& step) {
  auto changes = connection_->transact([&step](Work& work) {
    Session session(work);
    return step(session);
  });
  if (!changes) return fail(changes);
  if (!changes->empty()) directory_.publish(connection_->builder().next(*changes));
  return {};
}

void Store::tick() {
  auto good = look_after();
  // What does not answer is opened anew; the view serves on meanwhile.
  if (!good && is_trouble(good.error().kind)) good = reconnect();
  note(good);
}

Outcome<void> Store::look_after() {
  auto changed = connection_->catch_up();
  if (!changed) return fail(changed);
  if (*changed) directory_.publish(connection_->builder().view());
  if (std::chrono::steady_clock::now() < next_uses_) return connection_->check();
  next_uses_ = std::chrono::steady_clock::now() + options_.use_interval;
  auto forgotten = transact([](Session& session) -> Outcome<void> {
    auto count = session.revocations.forget_past();
    if (!count) return fail(count);
    return {};
  });
  if (!forgotten) return forgotten;
  return write_uses();
}

Outcome<void> Store::write_uses() {
  const std::vector<KeyUse> uses = connection_->builder().collect_uses();
  for (std::size_t i = 0; i < uses.size(); i += kUseBatch) {
    const std::span batch = std::span(uses).subspan(i, std::min(kUseBatch, uses.size() - i));
    auto noted = transact([batch](Session& session) { return session.keys.note_uses(batch); });
    if (!noted) return noted;
  }
  return {};
}

Outcome<void> Store::reconnect() {
  // Never a new database in the place of one that went away: that would be one without callers.
  auto opened = Connection::open(source_, ring_, false);
  if (!opened) return fail(opened);
  connection_ = std::move(*opened);
  directory_.publish(connection_->builder().view());
  return {};
}

void Store::note(const Outcome<void>& outcome) {
  const bool up = outcome || !is_trouble(outcome.error().kind);
  std::string text;
  {
    const std::scoped_lock lock(mutex_);
    if (!up) health_.error = outcome.error().text;
    if (up == health_.up) return;
    health_.up = up;
    health_.since = wall_milliseconds();
    text = health_.error;
  }
  if (up) {
    report(Severity::info, "the store of callers is up again");
  } else {
    report(Severity::error,
           "the store of callers is down, and callers are judged by what was "
           "known last: " +
               text);
  }
}

std::future<Outcome<std::size_t>> Store::import_consumers(std::vector<Consumer> consumers) {
  auto import = std::make_shared<Import>();
  import->consumers = std::move(consumers);
  std::future<Outcome<std::size_t>> future = import->promise.get_future();
  import_next(std::move(import));
  return future;
}

void Store::import_next(std::shared_ptr<Import> import) {
  const std::span<Consumer> rest = std::span(import->consumers).subspan(import->done);
  if (rest.empty()) {
    import->promise.set_value(import->done);
    return;
  }
  const std::span<Consumer> batch = rest.first(std::min(kImportBatch, rest.size()));
  run([batch](Session& session) { return session.consumers.create_all(batch); },
      [this, import, size = batch.size()](Outcome<void> created) {
        if (!created) {
          import->promise.set_value(fail(created));
          return;
        }
        import->done += size;
        import_next(import);
      });
}

}  // namespace sallyport::store
