// The identity of a caller as a short-lived signed token (a JSON Web Token) for the upstream, which
// so need not trust the network between. Private to this folder.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/random.h"
#include "jose/key.h"
#include "policies/authenticate/upstream_identity_settings.h"
#include "policy/exchange.h"
#include "schema/context.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// Shared by threads.
class IdentityToken {
 public:
  // Null: the key cannot be used, and the context heard why.
  [[nodiscard]] static std::unique_ptr<const IdentityToken> make(
      const schema::Marked<SignedIdentitySettings>& settings, schema::Context& context);

  // Puts one for `x.identity` into the request, in place of whatever stands there. False: it could
  // not be signed.
  [[nodiscard]] bool write(Exchange& x) const;

 private:
  // A token that was made for this identity not long ago. Signing takes longer than everything
  // else that is done with a request.
  struct Slot {
    std::mutex mutex;
    std::array<std::uint64_t, 2> identity{};
    std::int64_t good_until = 0;  // seconds of the epoch
    std::string token;
  };
  static constexpr std::size_t kSlots = 1024;

  IdentityToken(const SignedIdentitySettings& settings, jose::Key key, jose::Algorithm algorithm);
  [[nodiscard]] std::string statement(const Exchange& x) const;

  const jose::Key key_;
  const jose::Algorithm algorithm_;
  const std::string header_, issuer_;
  const std::optional<std::string> audience_;
  const std::int64_t lifetime_;  // seconds
  const std::array<std::uint64_t, 2> hash_key_ = random_hash_key();
  const std::unique_ptr<std::array<Slot, kSlots>> slots_;
};

}  // namespace sallyport::policies::authenticate_detail
