#include "policies/authenticate/proof/replay_memory.h"

#include <atomic>

#include "base/report.h"
#include "base/sip_hash.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// One line a minute.
void say_full(std::int64_t now) {
  static std::atomic<std::int64_t> next{0};
  std::int64_t due = next.load();
  if (now < due || !next.compare_exchange_strong(due, now + 60)) return;
  report(
      Severity::warning,
      "authenticate refuses signed requests and logins: more came than can be remembered against "
      "replay; limit the rate of requests, or shorten how long a proof is good");
}

}  // namespace

ReplayMemory& ReplayMemory::of_process() {
  static ReplayMemory memory;
  return memory;
}

// Each text counts as a whole: none can lend its end to the beginning of the next.
ReplayMemory::Hash ReplayMemory::hash_of(std::string_view kind, std::string_view who,
                                         std::string_view what) const {
  const std::array<Hash, 3> parts = {SipHash(key_).of(kind), SipHash(key_).of(who),
                                     SipHash(key_).of(what)};
  return SipHash(key_).of({reinterpret_cast<const char*>(parts.data()), sizeof parts});
}

ReplayMemory::Answer ReplayMemory::look(std::string_view kind, std::string_view who,
                                        std::string_view what, std::int64_t now, std::int64_t until,
                                        bool keep) {
  const Hash hash = hash_of(kind, who, what);
  Shard& shard = shards_[hash[0] % kShards];
  const std::scoped_lock lock(shard.mutex);
  if (shard.buckets == nullptr) shard.buckets = std::make_unique<std::array<Bucket, kBuckets>>();
  Entry* room = nullptr;
  std::size_t most_free = 0;
  for (const std::uint64_t choice : {hash[1], hash[1] >> 32}) {
    std::size_t free = 0;
    Entry* here = nullptr;
    for (Entry& entry : (*shard.buckets)[choice % kBuckets]) {
      if (entry.until < now) {
        ++free;
        here = &entry;
      } else if (entry.hash == hash) {
        return Answer::seen;
      }
    }
    if (free > most_free) {
      most_free = free;
      room = here;
    }
  }
  if (room == nullptr) {
    say_full(now);
    return Answer::full;
  }
  if (keep) *room = {.hash = hash, .until = until};
  return Answer::fresh;
}

void ReplayMemory::forget(std::string_view kind, std::string_view who, std::string_view what) {
  const Hash hash = hash_of(kind, who, what);
  Shard& shard = shards_[hash[0] % kShards];
  const std::scoped_lock lock(shard.mutex);
  if (shard.buckets == nullptr) return;
  for (const std::uint64_t choice : {hash[1], hash[1] >> 32}) {
    for (Entry& entry : (*shard.buckets)[choice % kBuckets]) {
      if (entry.hash == hash) entry = {};
    }
  }
}

}  // namespace sallyport::policies::authenticate_detail
