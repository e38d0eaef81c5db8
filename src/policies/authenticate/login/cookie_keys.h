// The keys that cookies of oidc_login are sealed with. Private to this folder.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "policies/authenticate/login/oidc_login.h"
#include "policy/exchange.h"
#include "schema/context.h"
#include "store/sealing/key_ring.h"

namespace sallyport::policies::authenticate_detail {

// Where the keys of cookies come from: the configuration, or else the store. Any thread.
class CookieKeys {
 public:
  CookieKeys(std::optional<store::KeyRing> configured, std::string purpose);
  // Null: there are none, as the configuration has none and there is no store.
  [[nodiscard]] const store::KeyRing* of(const Exchange& x) const;

 private:
  const std::string purpose_;
  std::optional<store::KeyRing> configured_;  // made once, by the constructor
  mutable std::once_flag once_;               // guards what follows
  mutable std::optional<store::KeyRing> of_store_;
};

// Those of the configuration; nothing: the store's are used. False: there are none, or one is no
// key, and the context heard why.
[[nodiscard]] bool read_cookie_keys(const schema::Marked<OidcLoginSettings>& settings,
                                    schema::Context& context, std::optional<store::KeyRing>& keys);

}  // namespace sallyport::policies::authenticate_detail
