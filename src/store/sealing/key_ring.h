// Seals secrets for the database with AES-256-GCM, and opens them again.
//
// A sealed secret says which master key sealed it and is bound to that and to a context, such as
// "signing_key/ab12": one that was moved to another record or altered does not open.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/error.h"
#include "store/sealing/locked_memory.h"
#include "store/sealing/master_key.h"

namespace sallyport::store {

// Immutable; any thread.
class KeyRing {
 public:
  // Seals under `current`; opens what `previous` sealed too, until everything is sealed anew.
  explicit KeyRing(MasterKey current, std::vector<MasterKey> previous = {});

  // Format 1, key id (8 bytes), nonce (12), ciphertext, tag (16).
  [[nodiscard]] std::string seal(std::string_view secret, std::string_view context) const;
  [[nodiscard]] Outcome<SecretText> open(std::string_view sealed, std::string_view context) const;
  // Whether it was sealed under another key than the current one.
  [[nodiscard]] bool is_stale(std::string_view sealed) const;

  // A ring of what each of its keys derives for one purpose.
  [[nodiscard]] KeyRing branch(std::string_view purpose) const;

  [[nodiscard]] const MasterKey& current() const { return slots_.front().master; }

 private:
  struct Slot {
    MasterKey master;
    LockedMemory sealing;
  };
  [[nodiscard]] const Slot* slot_of(std::string_view sealed) const;
  std::vector<Slot> slots_;  // the current one first
};

}  // namespace sallyport::store
