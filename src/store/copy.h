// Moves a store from one database to another: from a file to a server, when one machine is not
// enough any more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/database/database.h"
#include "store/sealing/key_ring.h"

namespace sallyport::store {

// What is copied: "table.column" of each.
[[nodiscard]] std::vector<std::string> copied_columns();

// Copies everything but the log of changes from `from` to `to`, all or, on an error, nothing; how
// many records there were. `to` must be empty, and `ring` must open what is sealed. Both are
// brought to today's tables first.
[[nodiscard]] Outcome<std::uint64_t> copy_store(Database& from, Database& to, const KeyRing& ring);

}  // namespace sallyport::store
