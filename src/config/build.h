// From what the file says to a Snapshot: names are looked up, files of certificates opened,
// policies made, routes laid out. What does not fit together is reported with its place, all of it.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "config/load.h"
#include "config/model.h"
#include "config/snapshot.h"
#include "schema/diagnostics.h"

namespace sallyport::config {

// Checks what can be checked even where `root` was read with errors: what an error was reported
// about, or inside of, is left alone. The snapshot is complete only if `diagnostics` has no errors.
// Files that were to be opened are added to `files`.
[[nodiscard]] std::unique_ptr<Snapshot> build(const model::Root& root, const LoadOptions& options,
                                              schema::Diagnostics& diagnostics,
                                              std::set<std::string>& files);

}  // namespace sallyport::config
