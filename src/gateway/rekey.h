// A new master key: everything that is sealed in the state is sealed anew under it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "config/snapshot.h"
#include "store/sealing/master_key.h"

namespace sallyport::gateway {

struct Rekeyed {
  std::uint64_t secrets = 0;  // that were sealed anew
  std::string former;         // names of the keys, as in messages about sealed secrets
  std::string current;
  std::string audit_key;  // public key of the audit trail's heads from now on
};

// `wanted`: the new key, for a configuration that will name it; nothing: one is made in the place
// of the key in the folder. Nobody else may have the state open. What ends it in between leaves a
// store that opens with the former key or with the new one; running it again finishes it. The error
// is a sentence for the operator.
[[nodiscard]] std::expected<Rekeyed, std::string> rekey(const config::StateSettings& settings,
                                                        std::optional<store::MasterKey> wanted);

}  // namespace sallyport::gateway
