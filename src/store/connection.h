// A database in use: its tables are of today, its secrets open, and a view was made of it.
#pragma once

#include <functional>
#include <memory>

#include "store/database/database.h"
#include "store/records/work.h"
#include "store/sealing/key_ring.h"
#include "store/view/view_builder.h"

namespace sallyport::store {

// Opens the database; `create`: one that is not there may be made.
using DatabaseSource = std::function<Outcome<std::unique_ptr<Database>>(bool create)>;

// For one thread at a time.
class Connection {
 public:
  [[nodiscard]] static Outcome<std::unique_ptr<Connection>> open(
      const DatabaseSource& source, std::shared_ptr<const KeyRing> ring, bool create);

  // Runs `step` in a transaction and commits; nothing of it stays when either fails. The changes
  // for the view come back.
  [[nodiscard]] Outcome<ViewChanges> transact(const std::function<Outcome<void>(Work&)>& step);
  // Reads everything anew.
  [[nodiscard]] Outcome<void> reload();
  // Whether another program has changed the database since this was asked last.
  [[nodiscard]] Outcome<bool> changed_by_others();

  [[nodiscard]] ViewBuilder& builder() { return builder_; }

 private:
  Connection(std::unique_ptr<Database> database, std::shared_ptr<const KeyRing> ring,
             std::shared_ptr<const KeyedHash> hash);

  std::unique_ptr<Database> database_;
  std::shared_ptr<const KeyRing> ring_;
  std::shared_ptr<const KeyedHash> hash_;
  ViewBuilder builder_;
  std::int64_t foreign_changes_ = 0;
};

}  // namespace sallyport::store
