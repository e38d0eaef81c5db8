// Tokens that were verified, so that each is verified once. Private to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "jose/token.h"
#include "policies/authenticate/proof/claimed.h"
#include "policies/authenticate/token/binding.h"
#include "policies/authenticate/token/own_token.h"
#include "policy/keyed_cache.h"

namespace sallyport::policies::authenticate_detail {

// What a verified token says; the identity points into the rest.
struct Proven : Claimed {
  explicit Proven(jose::Token verified) : token(std::move(verified)) {}
  jose::Token token;
  Binding binding;
  std::optional<OwnToken> own;  // nothing: somebody else has issued it
  jose::Time good_from;         // earlier only when somebody sets the clock back
  jose::Time good_until;
  std::uint64_t generation = 0;  // of the keys it was verified with
};

// Any thread.
class TokenCache {
 public:
  // Null: it is not known, has expired, or was verified with other keys than those of today.
  [[nodiscard]] std::shared_ptr<const Proven> find(std::string_view token, jose::Time now,
                                                   std::uint64_t generation) {
    return cache_.find(token, [now, generation](const Proven& proven) {
      return proven.good_from <= now && now < proven.good_until && proven.generation == generation;
    });
  }
  void put(std::string_view token, std::shared_ptr<const Proven> proven) {
    cache_.put(token, std::move(proven));
  }

 private:
  KeyedCache<Proven> cache_;
};

}  // namespace sallyport::policies::authenticate_detail
