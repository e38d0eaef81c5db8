// A credential as its owner presents it: a prefix that says what it is for ("spk_": an API key,
// "spa_": an admin token) and the public id, a point, and the secret: 32 random bytes in base64url.
// Always 64 characters, so that scanners for leaked secrets can find them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/encoding.h"
#include "store/public_id.h"
#include "store/sealing/keyed_hash.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::store {

inline constexpr std::string_view kKeyPrefix = "spk_";
inline constexpr std::string_view kAdminTokenPrefix = "spa_";
static_assert(kKeyPrefix.size() == kAdminTokenPrefix.size());
inline constexpr std::size_t kSecretSize = 32;
inline constexpr std::size_t kKeyTextSize = 64;

// A parsed key, on the stack of whoever checks it; cleansed when it ends.
class PresentedKey {
 public:
  // Nothing for any text but the one that text() makes of an id and a secret. `prefix` is one of
  // the constants above.
  [[nodiscard]] static std::optional<PresentedKey> parse(std::string_view text,
                                                         std::string_view prefix = kKeyPrefix);
  // The id in such a text, whose secret may be none.
  [[nodiscard]] static std::optional<PublicId> id_of(std::string_view text,
                                                     std::string_view prefix = kKeyPrefix);
  [[nodiscard]] static PresentedKey random(std::string_view prefix = kKeyPrefix);
  PresentedKey(const PresentedKey&) = default;
  PresentedKey& operator=(const PresentedKey&) = default;
  ~PresentedKey();

  [[nodiscard]] const PublicId& id() const { return id_; }
  // Of prefix, id and secret together, so that a stored hash is good for its own record only.
  [[nodiscard]] Hash hash(const KeyedHash& keyed) const;
  [[nodiscard]] SecretText text() const;

 private:
  explicit PresentedKey(std::string_view prefix) : prefix_(prefix) {}
  std::string_view prefix_;
  PublicId id_;
  std::array<std::uint8_t, kSecretSize> secret_{};
};

}  // namespace sallyport::store
