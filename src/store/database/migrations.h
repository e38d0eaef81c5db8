// The tables, and how an older set of them becomes today's: numbered steps, each in a transaction.
#pragma once

#include "store/database/database.h"

namespace sallyport::store {

// Brings the tables to what this program expects. Tables newer than that are refused.
[[nodiscard]] Outcome<void> migrate(Database& database);

}  // namespace sallyport::store
