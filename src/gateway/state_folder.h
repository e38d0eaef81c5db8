// The folder in which the gateway keeps its state, and the master key of what is secret there.
// Errors are sentences for the operator.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "config/snapshot.h"
#include "store/sealing/master_key.h"

namespace sallyport::gateway {

// What stands in the folder.
[[nodiscard]] std::string database_file(const config::StateSettings& settings);
[[nodiscard]] std::string trail_file(const config::StateSettings& settings);

// Makes the folder, for its owner only, if it is not there, and gives it to `user` (empty: it stays
// ours). A folder that is there must be nobody else's to write or to look into.
[[nodiscard]] std::expected<void, std::string> make_state_folder(
    const config::StateSettings& settings, const std::string& user = {});

// Whether the folder may be used, without making it: for commands beside the gateway.
[[nodiscard]] std::expected<void, std::string> check_state_folder(
    const config::StateSettings& settings);

// The key. `create`: where the configuration names none, one is made, unless there is a database
// already, whose key must then be somewhere. Before other threads start.
[[nodiscard]] std::expected<store::MasterKey, std::string> load_master_key(
    const config::StateSettings& settings, bool create);

// Where a key of the folder's own is changed, the next one stands beside it until everything is
// sealed under that. Nothing: it is not being changed, or the key is kept elsewhere.
[[nodiscard]] std::string next_key_file(const config::StateSettings& settings);
[[nodiscard]] std::expected<std::optional<store::MasterKey>, std::string> interrupted_rekey(
    const config::StateSettings& settings);
// The next key, made unless it is there; and that key in the place of the own one.
[[nodiscard]] std::expected<store::MasterKey, std::string> make_next_key(
    const config::StateSettings& settings);
[[nodiscard]] std::expected<void, std::string> take_next_key(const config::StateSettings& settings);

}  // namespace sallyport::gateway
