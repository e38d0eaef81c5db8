// Where sealed secrets are in the database, so that all of them can be sealed anew.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/database/database.h"
#include "store/sealing/key_ring.h"

namespace sallyport::store {

// A table with a column `sealed`. What a secret is bound to is the table and its row's key.
struct SealedTable {
  std::string_view name;
  std::string_view key;

  [[nodiscard]] std::string context_of(std::string_view row) const {
    return std::string(name).append("/").append(row);
  }
};

inline constexpr SealedTable kSigningKeyTable{"signing_keys", "kid"};
inline constexpr SealedTable kSecretTable{"secrets", "name"};
inline constexpr SealedTable kRevisionTable{"config_revisions", "id"};

// Seals anew, under the current master key, what a former one sealed; how many there were. Once it
// is committed the former key is needed no more.
[[nodiscard]] Outcome<std::uint64_t> reseal_all(Database& database, const KeyRing& ring);

}  // namespace sallyport::store
