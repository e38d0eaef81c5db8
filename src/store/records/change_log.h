// The log of changes: which records the transactions of all nodes changed, in the order in which
// they were committed. By it a node reads anew what others changed, and nothing else.
//
// Whoever writes is the only one to do so (Database::begin), so numbers have no gaps and none
// becomes visible before a smaller one. Not in the log: when keys were used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/database/database.h"
#include "store/records/work.h"

namespace sallyport::store {

// Stands in the database, so numbers keep their meaning.
enum class ChangeKind : std::uint8_t {
  everything = 0,  // so many records that reading all of them is less work
  consumer = 1,
  key = 2,
  client = 3,
  admin_token = 4,
  revocation = 5,  // with the number of its RevocationKind added
};

// The changes behind number `after` that are not of `node`.
struct Since {
  std::int64_t after;
  std::string_view node;
};

class ChangeLog {
 public:
  explicit ChangeLog(Database& database) : database_(database) {}

  // Number of the last change; 0: there was none.
  [[nodiscard]] Outcome<std::int64_t> last() const;
  // Notes `changes` as those of `node`, behind number `last`; number of the last one then. Very old
  // ones are forgotten.
  [[nodiscard]] Outcome<std::int64_t> append(std::int64_t last, std::string_view node,
                                             const ViewChanges& changes) const;

  struct Missed {
    bool everything = false;  // more than the log still knows
    std::int64_t last = 0;
    ViewChanges records;  // by their ids, with nothing
  };
  [[nodiscard]] Outcome<Missed> missed(const Since& since) const;

 private:
  Database& database_;
};

// Runs `select`, over a table with the key `id`, for all of its rows; or with `since` for those
// that the log names.
[[nodiscard]] Outcome<void> read_changed(Database& database, std::string select, ChangeKind kind,
                                         const Since* since, const Database::EachRow& each);

}  // namespace sallyport::store
