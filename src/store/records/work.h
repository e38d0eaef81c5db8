// What a repository works with: the database in a transaction, and the notes of what changed, from
// which the live view is brought up to date once the transaction holds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "store/database/database.h"
#include "store/records/records.h"
#include "store/sealing/key_ring.h"
#include "store/sealing/keyed_hash.h"

namespace sallyport::store {

// By id; nothing where the record is gone.
struct ViewChanges {
  std::map<std::string, std::optional<Consumer>> consumers;
  std::map<std::string, std::optional<ApiKey>> keys;
  std::map<std::string, std::optional<Client>> clients;
  std::map<std::pair<RevocationKind, std::string>, std::optional<Revocation>> revocations;
  std::map<std::string, std::optional<AdminToken>> admin_tokens;

  [[nodiscard]] bool empty() const {
    return consumers.empty() && keys.empty() && clients.empty() && revocations.empty() &&
           admin_tokens.empty();
  }
};

struct Work {
  Database& database;
  const KeyRing& ring;
  const KeyedHash& hash;  // of secrets
  std::int64_t now;       // Unix milliseconds
  ViewChanges changes;
};

}  // namespace sallyport::store
