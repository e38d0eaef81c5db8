// Tokens that were verified, so that each is verified once. Private to this folder.
//
// A token is known by a keyed hash of 128 bits, whose key nobody outside knows; the token itself is
// not kept. Any thread; one of several locks, held for a lookup.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jose/token.h"
#include "policies/authenticate/binding.h"
#include "policy/identity.h"

namespace sallyport::policies::authenticate_detail {

// What a verified token says; the identity points into the rest.
struct Proven {
  explicit Proven(jose::Token verified) : token(std::move(verified)) {}
  jose::Token token;
  std::vector<std::string_view> scopes, roles, groups;
  Identity identity;
  Binding binding;
  jose::Time good_until;
  std::uint64_t generation = 0;  // of the keys it was verified with
};

class TokenCache {
 public:
  TokenCache();

  // Null: it is not known, has expired, or was verified with other keys than those of today.
  [[nodiscard]] std::shared_ptr<const Proven> find(std::string_view token, jose::Time now,
                                                   std::uint64_t generation);
  void put(std::string_view token, std::shared_ptr<const Proven> proven);

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMostOfShard = 1024;

  struct Hash {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Hash&, const Hash&) = default;
  };
  struct LowHalf {
    std::size_t operator()(const Hash& hash) const { return hash.low; }
  };
  struct Entry {
    std::shared_ptr<const Proven> proven;
    std::list<Hash>::iterator place;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<Hash, Entry, LowHalf> entries;
    std::list<Hash> order;  // put there longest ago first
  };

  [[nodiscard]] Hash hash_of(std::string_view token) const;
  [[nodiscard]] Shard& shard_of(const Hash& hash) { return shards_[hash.high % kShards]; }

  std::array<std::uint64_t, 2> key_{};
  std::array<Shard, kShards> shards_;
};

}  // namespace sallyport::policies::authenticate_detail
