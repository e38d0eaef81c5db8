// A Database in one SQLite file.
//
// Write-ahead log, every commit synced to the disk, foreign keys on. A file that is damaged, that
// another program made, or that vanished while open is refused, never replaced.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "store/database/database.h"

namespace sallyport::store {

struct SqliteOptions {
  std::string path;
  bool create = true;  // with mode 0600; false: a file that is not there is an error
  std::chrono::milliseconds busy_timeout{5000};  // for another process that is writing
};

[[nodiscard]] Outcome<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options);

}  // namespace sallyport::store
