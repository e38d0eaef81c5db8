// The keys that a token may be signed with (a JWK Set, RFC 7517 section 5).
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jose/algorithm.h"
#include "jose/key.h"

namespace sallyport::jose {

// The keys worth trying for one token; a bound on what a token can make us compute.
class Candidates {
 public:
  static constexpr std::size_t kMost = 4;

  [[nodiscard]] const Key* const* begin() const { return keys_.data(); }
  [[nodiscard]] const Key* const* end() const { return keys_.data() + size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // Whether a key has the id that was asked for, fit or not.
  [[nodiscard]] bool id_is_known() const { return id_is_known_; }

 private:
  friend class KeySet;
  std::array<const Key*, kMost> keys_{};
  std::size_t size_ = 0;
  bool id_is_known_ = false;
};

// Immutable: any thread may use it. Candidates point into it.
class KeySet {
 public:
  // From a JWK Set. Keys that cannot be used are left out and told of in `skipped()`, among them:
  //  - all of those that share an id and an algorithm, unless they are the same key: which one is
  //    meant is anybody's guess;
  //  - secrets beside public keys: who may read the public ones could sign.
  // Fails when the text is no JWK Set, or nothing of it is left.
  [[nodiscard]] static std::expected<KeySet, std::string> from_jwks(std::string_view text);

  // Keys that were configured one by one, taken as they are.
  [[nodiscard]] static KeySet of(std::vector<Key> keys);

  // Keys of that id, and then keys without one, which any token may have been signed with; without
  // an id, all keys. Of these the first four that may be used with the algorithm.
  [[nodiscard]] Candidates find(std::optional<std::string_view> id, Algorithm algorithm) const;

  [[nodiscard]] std::span<const Key> keys() const { return keys_; }
  // Sentences, one for each key that was left out.
  [[nodiscard]] std::span<const std::string> skipped() const { return skipped_; }

 private:
  std::vector<Key> keys_;
  std::vector<std::string> skipped_;
};

}  // namespace sallyport::jose
