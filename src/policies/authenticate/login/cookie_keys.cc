#include "policies/authenticate/login/cookie_keys.h"

#include <utility>
#include <vector>

#include "store/store.h"

namespace sallyport::policies::authenticate_detail {

CookieKeys::CookieKeys(std::optional<store::KeyRing> configured, std::string purpose)
    : purpose_(std::move(purpose)) {
  if (configured) configured_.emplace(configured->branch(purpose_));
}

const store::KeyRing* CookieKeys::of(const Exchange& x) const {
  if (configured_) return &*configured_;
  if (x.store == nullptr) return nullptr;
  std::call_once(once_, [&] { of_store_.emplace(x.store->ring_for(purpose_)); });
  return &*of_store_;
}

bool read_cookie_keys(const schema::Marked<OidcLoginSettings>& settings, schema::Context& context,
                      std::optional<store::KeyRing>& keys) {
  std::vector<store::MasterKey> all;
  for (const schema::Secret& secret : settings.value.cookie.secret) {
    auto key = store::MasterKey::from_text(secret.reveal(), "`cookie.secret`");
    if (!key) {
      context.diagnostics().error(settings.where, key.error(),
                                  "Make one with \"openssl rand -hex 32\".",
                                  schema::code::kInvalidValue);
      return false;
    }
    all.push_back(std::move(*key));
  }
  if (all.empty()) {
    const bool kept = context.scope() != nullptr && context.scope()->keeps_state;
    if (!kept) {
      context.diagnostics().error(settings.where, "has no key to seal cookies with",
                                  "Give `cookie.secret`, or `state`, whose master key then does.",
                                  schema::code::kMissingKey);
    }
    return kept;
  }
  store::MasterKey first = std::move(all.front());
  all.erase(all.begin());
  keys.emplace(std::move(first), std::move(all));
  return true;
}

}  // namespace sallyport::policies::authenticate_detail
