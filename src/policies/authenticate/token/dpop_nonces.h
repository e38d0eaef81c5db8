// Nonces that a proof of possession has to hold (RFC 9449 section 9): so nobody can make proofs in
// advance, for a time at which he no longer has the key. Private to this folder.
//
// Nothing is kept of them. A nonce is the minute it was given out in and a keyed hash of that; the
// key is the store's, so that all gateways of one master key take each other's, or else the
// process's.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "jose/claims.h"
#include "policy/exchange.h"
#include "store/sealing/keyed_hash.h"

namespace sallyport::policies::authenticate_detail {

// Any thread.
class DpopNonces {
 public:
  // For so many minutes, counted from the one it was given out in, a nonce is good.
  static constexpr std::int64_t kMinutes = 5;

  // Whether `nonce` is good. If it is not, or no longer quite new, the answer gets the current one.
  [[nodiscard]] bool accept(Exchange& x, std::string_view nonce, jose::Time now) const;
  // Gives the answer the nonce that it is to have, if any.
  void complete(Exchange& x) const;

 private:
  struct Given {
    std::string_view nonce;
  };
  [[nodiscard]] const store::KeyedHash& key_of(const Exchange& x) const;
  [[nodiscard]] static std::string nonce_of(const store::KeyedHash& key, std::int64_t minute);

  mutable std::once_flag once_;
  mutable std::optional<store::KeyedHash> key_;
};

}  // namespace sallyport::policies::authenticate_detail
