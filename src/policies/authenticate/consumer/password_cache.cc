#include "policies/authenticate/consumer/password_cache.h"

#include "base/sip_hash.h"

namespace sallyport::policies::authenticate_detail {

PasswordCache::Key PasswordCache::key_of(const BasicCredentials& credentials,
                                         std::string_view hash) const {
  // Two hashes of fixed size rather than one of everything behind each other, which could be split
  // in several ways; and no copy of the password.
  SipHash of_user(secret_);
  const std::array<std::uint64_t, 2> user = of_user.of(credentials.user());
  SipHash of_hash(user);
  const std::array<std::uint64_t, 2> account = of_hash.of(hash);
  const std::array<std::uint64_t, 2> mixed{account[0] ^ secret_[0], account[1] ^ secret_[1]};
  SipHash of_password(mixed);
  return of_password.of(credentials.password());
}

bool PasswordCache::knows(const Key& key, std::int64_t now) {
  return until_.find(key, [now](std::int64_t until) { return now < until; }).has_value();
}

void PasswordCache::remember(const Key& key, std::int64_t until) { until_.put(key, until); }

}  // namespace sallyport::policies::authenticate_detail
