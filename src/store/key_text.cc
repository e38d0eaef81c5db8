// See key_text.h.
#include "store/key_text.h"

#include <algorithm>
#include <string>

#include "base/base64url.h"

namespace sallyport::store {
namespace {

constexpr std::size_t kPoint = kKeyPrefix.size() + PublicId::kTextSize;

void wipe(std::uint8_t* bytes, std::size_t size) {
  cleanse({reinterpret_cast<char*>(bytes), size});  // bytes as characters
}

}  // namespace

PresentedKey::~PresentedKey() { wipe(secret_.data(), secret_.size()); }

std::optional<PublicId> PresentedKey::id_of(std::string_view text, std::string_view prefix) {
  if (text.size() != kKeyTextSize || !text.starts_with(prefix) || text[kPoint] != '.') {
    return std::nullopt;
  }
  return PublicId::parse(text.substr(prefix.size(), PublicId::kTextSize));
}

std::optional<PresentedKey> PresentedKey::parse(std::string_view text, std::string_view prefix) {
  const auto id = id_of(text, prefix);
  if (!id) return std::nullopt;
  std::optional<PresentedKey> key{PresentedKey(prefix)};
  key->id_ = *id;
  if (!from_base64url(text.substr(kPoint + 1), key->secret_.data(), kSecretSize)) {
    return std::nullopt;
  }
  return key;
}

PresentedKey PresentedKey::random(std::string_view prefix) {
  PresentedKey key(prefix);
  key.id_ = PublicId::random();
  random_bytes(key.secret_.data(), kSecretSize);
  return key;
}

Hash PresentedKey::hash(const KeyedHash& keyed) const {
  std::array<std::uint8_t, kKeyPrefix.size() + 10 + kSecretSize> message;
  static_assert(sizeof message <= 55, "fits one block of SHA-256 with its padding");
  auto end = std::ranges::copy(prefix_, message.begin()).out;
  end = std::ranges::copy(id_.bytes(), end).out;
  std::ranges::copy(secret_, end);
  const Hash hash = keyed(as_text(message.data(), message.size()));
  wipe(message.data(), message.size());
  return hash;
}

SecretText PresentedKey::text() const {
  std::string secret = base64url_encode(as_text(secret_.data(), secret_.size()));
  std::string text;
  text.reserve(kKeyTextSize);
  text.append(prefix_).append(id_.text()).append(".").append(secret);
  cleanse(secret);
  return SecretText(std::move(text));
}

}  // namespace sallyport::store
