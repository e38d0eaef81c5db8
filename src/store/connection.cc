// See connection.h.
#include "store/connection.h"

#include <chrono>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "store/database/migrations.h"
#include "store/public_id.h"
#include "store/records/change_log.h"
#include "store/records/signing_keys.h"

namespace sallyport::store {
namespace {

// The key of the keyed hash is random and kept sealed rather than derived from the master key:
// otherwise a new master key would end every API key.
constexpr std::string_view kHashKey = "credential hash key";

// For a transaction that others are in the way of.
constexpr int kAttempts = 4;
constexpr std::chrono::milliseconds kPause{20};

Outcome<std::shared_ptr<const KeyedHash>> open_hash(Database& database, const KeyRing& ring) {
  auto begun = database.begin();
  if (!begun) return fail(begun);
  auto key = NamedSecrets(database, ring).get_or_make(kHashKey);
  auto committed = key ? database.commit() : Outcome<void>();
  if (!key || !committed) {
    database.roll_back();
    return key ? fail(committed) : fail(key);
  }
  return std::make_shared<const KeyedHash>(key->view());
}

}  // namespace

Connection::Connection(std::unique_ptr<Database> database, std::shared_ptr<const KeyRing> ring,
                       std::shared_ptr<const KeyedHash> hash)
    : database_(std::move(database)),
      ring_(std::move(ring)),
      hash_(std::move(hash)),
      builder_(hash_),
      node_(PublicId::random().text()) {}

Outcome<std::unique_ptr<Connection>> Connection::open(const DatabaseSource& source,
                                                      std::shared_ptr<const KeyRing> ring,
                                                      bool create) {
  auto database = source(create);
  if (!database) return fail(database);
  auto migrated = migrate(**database);
  if (!migrated) return fail(migrated);
  auto hash = open_hash(**database, *ring);
  if (!hash) return fail(hash);
  std::unique_ptr<Connection> connection(  // private
      new Connection(std::move(*database), std::move(ring), std::move(*hash)));
  auto loaded = connection->reload();
  if (!loaded) return fail(loaded);
  return connection;
}

Work Connection::work() const {
  return {.database = *database_,
          .ring = *ring_,
          .hash = *hash_,
          .now = wall_milliseconds(),
          .changes = {}};
}

Outcome<ViewChanges> Connection::transact(const std::function<Outcome<void>(Work&)>& step) {
  for (int attempt = 1;; ++attempt) {
    auto done = transact_once(step);
    if (done || done.error().kind != ErrorKind::busy || attempt == kAttempts) return done;
    std::this_thread::sleep_for(attempt * kPause);
  }
}

Outcome<ViewChanges> Connection::transact_once(const std::function<Outcome<void>(Work&)>& step) {
  Work work = this->work();
  auto begun = database_->begin();
  if (!begun) return fail(begun);
  const std::int64_t before = position_;
  auto done = step(work);
  if (done && !work.changes.empty()) done = log(work.changes);
  if (done) done = database_->commit();
  if (!done) {
    position_ = before;
    database_->roll_back();
    return fail(done);
  }
  return std::move(work.changes);
}

Outcome<void> Connection::log(const ViewChanges& changes) {
  const ChangeLog log(*database_);
  auto before = log.last();
  if (!before) return fail(before);
  auto appended = log.append(*before, node_, changes);
  if (!appended) return fail(appended);
  database_->announce();
  // What others did before is still to be read.
  if (*before == position_) position_ = *appended;
  return {};
}

Outcome<void> Connection::reading(const std::function<Outcome<void>(Work&)>& read) {
  Work work = this->work();
  auto begun = database_->begin_reading();
  if (!begun) return begun;
  auto done = read(work);
  if (done) done = database_->commit();
  if (!done) database_->roll_back();
  return done;
}

Outcome<void> Connection::load(Work& work) {
  auto position = ChangeLog(*database_).last();
  if (!position) return fail(position);
  auto view = builder_.load(work);
  if (!view) return fail(view);
  position_ = *position;
  return {};
}

Outcome<void> Connection::reload() {
  return reading([this](Work& work) { return load(work); });
}

Outcome<bool> Connection::catch_up() {
  auto changes = database_->foreign_changes();
  if (!changes) return fail(changes);
  if (*changes == ForeignChanges::none) return false;
  bool another = false;
  auto caught_up = reading([&](Work& work) -> Outcome<void> {
    const Since since{.after = position_, .node = node_};
    auto missed = ChangeLog(*database_).missed(since);
    if (!missed) return fail(missed);
    const bool unlogged =
        *changes == ForeignChanges::certain && !missed->everything && missed->records.empty();
    if (missed->everything || unlogged) {
      another = true;
      return load(work);
    }
    auto view = builder_.catch_up(work, since, std::move(missed->records));
    if (!view) return fail(view);
    position_ = missed->last;
    another = *view != nullptr;
    return {};
  });
  if (!caught_up) return fail(caught_up);
  return another;
}

}  // namespace sallyport::store
