// Passwords that were found right, so that the expensive hash is not computed for every request.
// Private to this folder.
//
// What is remembered is a keyed hash of 128 bits, whose key nobody outside knows, of user, password
// and the hash they were held against: with another password hash it is unknown again. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "policies/authenticate/consumer/basic_credentials.h"
#include "policy/recent_table.h"

namespace sallyport::policies::authenticate_detail {

class PasswordCache {
 private:
  using Table = RecentTable<std::int64_t, 256>;

 public:
  using Key = Table::Key;

  [[nodiscard]] Key key_of(const BasicCredentials& credentials, std::string_view hash) const;
  // Times are milliseconds of a clock that is never set back.
  [[nodiscard]] bool knows(const Key& key, std::int64_t now);
  void remember(const Key& key, std::int64_t until);

 private:
  const std::array<std::uint64_t, 2> secret_ = random_hash_key();
  Table until_;
};

}  // namespace sallyport::policies::authenticate_detail
