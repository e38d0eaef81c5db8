// See connection.h.
#include "store/connection.h"

#include <utility>

#include "base/clock.h"
#include "store/database/migrations.h"
#include "store/records/signing_keys.h"

namespace sallyport::store {
namespace {

// The key of the keyed hash is random and kept sealed rather than derived from the master key:
// otherwise a new master key would end every API key.
constexpr std::string_view kHashKey = "credential hash key";

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
      builder_(hash_) {}

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
  auto known = connection->changed_by_others();
  if (!known) return fail(known);
  auto loaded = connection->reload();
  if (!loaded) return fail(loaded);
  return connection;
}

Outcome<ViewChanges> Connection::transact(const std::function<Outcome<void>(Work&)>& step) {
  Work work{.database = *database_, .ring = *ring_, .hash = *hash_, .now = wall_milliseconds()};
  auto begun = database_->begin();
  if (!begun) return fail(begun);
  auto done = step(work);
  if (done) done = database_->commit();
  if (!done) {
    database_->roll_back();
    return fail(done);
  }
  return std::move(work.changes);
}

Outcome<void> Connection::reload() {
  auto read = transact([this](Work& work) -> Outcome<void> {
    auto view = builder_.load(work);
    if (!view) return fail(view);
    return {};
  });
  if (!read) return fail(read);
  return {};
}

Outcome<bool> Connection::changed_by_others() {
  auto number = database_->foreign_changes();
  if (!number) return fail(number);
  return std::exchange(foreign_changes_, *number) != *number;
}

}  // namespace sallyport::store
