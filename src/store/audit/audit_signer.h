// Signs the heads of the audit trail, with Ed25519 (RFC 8032) rather than a keyed hash: whoever
// verifies a trail needs the public key only, and so could not have forged it.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/sealing/locked_memory.h"
#include "store/sealing/master_key.h"

namespace sallyport::store {

// Immutable; any thread.
class AuditSigner {
 public:
  static constexpr std::size_t kIdSize = 16;  // hexadecimal digits

  // The key is derived from the master key, so it is the same wherever that is.
  explicit AuditSigner(const MasterKey& master);

  // Of the hash of a line, as text; the signature in base64url.
  [[nodiscard]] std::string sign(std::string_view hash) const;
  [[nodiscard]] const std::string& id() const { return id_; }
  // 64 hexadecimal digits, for AuditVerifier and for auditors.
  [[nodiscard]] const std::string& public_key() const { return public_key_; }

 private:
  LockedMemory seed_;
  std::string public_key_;
  std::string id_;
};

// The public keys that heads may be signed with: today's, and those of former master keys.
class AuditVerifier {
 public:
  // `public_key` as AuditSigner tells it. The error is a sentence.
  [[nodiscard]] std::expected<void, std::string> add(std::string_view public_key);
  [[nodiscard]] bool knows(std::string_view id) const { return find(id) != nullptr; }
  [[nodiscard]] bool verify(std::string_view id, std::string_view hash,
                            std::string_view signature) const;

 private:
  struct Key {
    std::string id;
    std::array<std::uint8_t, 32> bytes;
  };
  [[nodiscard]] const Key* find(std::string_view id) const;
  std::vector<Key> keys_;
};

}  // namespace sallyport::store
