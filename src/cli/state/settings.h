// What commands beside the gateway need of its configuration: where it keeps its state.
#pragma once

#include <optional>
#include <string>

#include "cli/cli.h"
#include "config/snapshot.h"

namespace sallyport::cli {

// Of the configuration file `named` (empty: as for `sallyport run`). Nothing where it has errors or
// names no place for state, which is reported.
[[nodiscard]] std::optional<config::StateSettings> state_settings(const std::string& named,
                                                                  Terminal& terminal);

// Where the database is, for people.
[[nodiscard]] std::string database_of(const config::StateSettings& settings);
// Whom the audit trail names for what a command does beside the gateway.
[[nodiscard]] std::string offline_actor();

}  // namespace sallyport::cli
