// A database in use: its tables are of today, its secrets open, and a view was made of it.
#pragma once

#include <functional>
#include <memory>
#include <string>

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
  // for the view come back. A step that others were in the way of is run again, some times.
  [[nodiscard]] Outcome<ViewChanges> transact(const std::function<Outcome<void>(Work&)>& step);
  // Reads everything anew.
  [[nodiscard]] Outcome<void> reload();
  // Reads what other programs have changed since this was asked last; whether there is another
  // view.
  [[nodiscard]] Outcome<bool> catch_up();
  // Whether there is somewhere to write to.
  [[nodiscard]] Outcome<void> check() { return database_->check(); }

  [[nodiscard]] ViewBuilder& builder() { return builder_; }

 private:
  Connection(std::unique_ptr<Database> database, std::shared_ptr<const KeyRing> ring,
             std::shared_ptr<const KeyedHash> hash);

  [[nodiscard]] Work work() const;
  [[nodiscard]] Outcome<ViewChanges> transact_once(const std::function<Outcome<void>(Work&)>& step);
  // Runs `read` on one state of the database.
  [[nodiscard]] Outcome<void> reading(const std::function<Outcome<void>(Work&)>& read);
  [[nodiscard]] Outcome<void> load(Work& work);
  [[nodiscard]] Outcome<void> log(const ViewChanges& changes);

  std::unique_ptr<Database> database_;
  std::shared_ptr<const KeyRing> ring_;
  std::shared_ptr<const KeyedHash> hash_;
  ViewBuilder builder_;
  const std::string node_;     // names this connection in the log of changes
  std::int64_t position_ = 0;  // of the last change in that log which the view holds
};

}  // namespace sallyport::store
