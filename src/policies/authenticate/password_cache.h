// Passwords that were found right, so that the expensive hash is not computed for every request.
// Private to this folder.
//
// What is remembered is a keyed hash of 128 bits, whose key nobody outside knows, of user, password
// and the hash they were held against: with another password hash it is unknown again. Any thread;
// one of several locks, held for a lookup.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "policies/authenticate/basic_credentials.h"

namespace sallyport::policies::authenticate_detail {

class PasswordCache {
 public:
  struct Key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };

  PasswordCache();
  [[nodiscard]] Key key_of(const BasicCredentials& credentials, std::string_view hash) const;
  // Times are milliseconds of a clock that is never set back.
  [[nodiscard]] bool knows(const Key& key, std::uint64_t now);
  void remember(const Key& key, std::uint64_t until);

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMostOfShard = 256;

  struct LowHalf {
    std::size_t operator()(const Key& key) const { return key.low; }
  };
  struct Entry {
    std::uint64_t until = 0;
    std::list<Key>::iterator place;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<Key, Entry, LowHalf> entries;
    std::list<Key> order;  // remembered longest ago first
  };
  [[nodiscard]] Shard& shard_of(const Key& key) { return shards_[key.high % kShards]; }

  std::array<std::uint64_t, 2> secret_{};
  std::array<Shard, kShards> shards_;
};

}  // namespace sallyport::policies::authenticate_detail
