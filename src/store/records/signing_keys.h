// Keeps the keys that sign tokens, sealed. On the store's thread, inside a transaction.
#pragma once

#include "store/records/work.h"

namespace sallyport::store {

class SigningKeys {
 public:
  explicit SigningKeys(Work& work) : work_(work) {}

  // A `kid` that exists is a `conflict`.
  [[nodiscard]] Outcome<void> create(const SigningKey& key) const;
  // Opened, newest first: those that sign now or will, and the retired ones.
  [[nodiscard]] Outcome<std::vector<SigningKey>> list() const;
  // From now on it signs no more; its public part still verifies what it signed.
  [[nodiscard]] Outcome<void> retire(std::string_view kid) const;
  [[nodiscard]] Outcome<void> remove(std::string_view kid) const;

 private:
  Work& work_;
};

// Secrets of the store itself, by name, such as the key of its keyed hash.
class NamedSecrets {
 public:
  NamedSecrets(Database& database, const KeyRing& ring) : database_(database), ring_(ring) {}
  // The secret of that name; a new one of 32 random bytes if there is none.
  [[nodiscard]] Outcome<SecretText> get_or_make(std::string_view name) const;

 private:
  Database& database_;
  const KeyRing& ring_;
};

}  // namespace sallyport::store
