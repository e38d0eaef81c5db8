// Everything a policy asks about callers, in memory and immutable: requests never wait for the
// database.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/address.h"
#include "store/public_id.h"
#include "store/records/records.h"
#include "store/sealing/keyed_hash.h"
#include "store/view/sharded_table.h"
#include "store/view/use_marks.h"

namespace sallyport::store {

// What a key is limited to. Keys with the same limits share one.
struct KeyLimits {
  KeyLimits(const ApiKey& key, net::CidrSet networks)
      : apis(key.apis),
        scopes(key.scopes),
        scope_views(scopes.begin(), scopes.end()),
        networks(std::move(networks)) {}
  KeyLimits(const KeyLimits&) = delete;
  KeyLimits& operator=(const KeyLimits&) = delete;
  ~KeyLimits() = default;
  const std::vector<std::string> apis;  // empty: all
  const std::vector<std::string> scopes;
  const std::vector<std::string_view> scope_views;
  const net::CidrSet networks;  // empty: anywhere
};

// A consumer as the view holds it, with the lists that identities have, made once.
struct KnownConsumer : Consumer {
  explicit KnownConsumer(const Consumer& record)
      : Consumer(record),
        role_views(roles.begin(), roles.end()),
        group_views(groups.begin(), groups.end()) {}
  KnownConsumer(const KnownConsumer&) = delete;
  KnownConsumer& operator=(const KnownConsumer&) = delete;
  ~KnownConsumer() = default;
  const std::vector<std::string_view> role_views;
  const std::vector<std::string_view> group_views;
};

// An API key as the view holds it, with its consumer: that is one way less to cold memory for each
// request than looking it up.
struct CallerKey {
  PublicId id;
  PublicId consumer;
  bool revoked = false;
  UseMarks::Mark mark = UseMarks::kNone;
  Hash secret_hash{};
  std::shared_ptr<const KnownConsumer> record;  // of the consumer; null: it is gone
  std::int64_t not_before = 0;
  std::int64_t expires = 0;                 // the greatest number: never
  std::shared_ptr<const KeyLimits> limits;  // never null

  [[nodiscard]] const PublicId& key() const { return id; }
  static std::uint64_t hash(const PublicId& id) { return id.hash(); }
};

struct CallerConsumer {
  PublicId id;
  std::shared_ptr<const KnownConsumer> record;
  [[nodiscard]] const PublicId& key() const { return id; }
  static std::uint64_t hash(const PublicId& id) { return id.hash(); }
};

// The same record, found by its name.
struct NamedConsumer {
  std::shared_ptr<const KnownConsumer> record;
  [[nodiscard]] std::string_view key() const { return record->name; }
  static std::uint64_t hash(std::string_view name) { return std::hash<std::string_view>{}(name); }
};

struct CallerClient {
  std::shared_ptr<const Client> record;
  [[nodiscard]] std::string_view key() const { return record->id; }
  static std::uint64_t hash(std::string_view id) { return std::hash<std::string_view>{}(id); }
};

struct KnownAdminToken {
  PublicId id;
  std::shared_ptr<const AdminToken> record;
  [[nodiscard]] const PublicId& key() const { return id; }
  static std::uint64_t hash(const PublicId& id) { return id.hash(); }
};

struct RevocationKey {
  RevocationKind kind;
  std::string_view value;
  friend bool operator==(const RevocationKey&, const RevocationKey&) = default;
};

struct CallerRevocation {
  Revocation record;
  [[nodiscard]] RevocationKey key() const { return {.kind = record.kind, .value = record.value}; }
  static std::uint64_t hash(const RevocationKey& key) {
    return std::hash<std::string_view>{}(key.value) + static_cast<std::uint64_t>(key.kind);
  }
};

// What became of a presented key. All but `good` refuse; which one is for the log alone.
enum class KeyVerdict : std::uint8_t {
  good,
  malformed,     // not the text of a key of ours
  unknown,       // no key of that id
  wrong_secret,  // there is one, with another secret
  revoked,
  not_yet,
  expired,
  no_consumer,  // its consumer is gone
  disabled,     // its consumer is disabled
};

// What became of a presented admin token: `malformed`, `unknown`, `wrong_secret`, `revoked`,
// `expired` or `good`.
struct FoundAdminToken {
  KeyVerdict verdict = KeyVerdict::malformed;
  std::shared_ptr<const AdminToken> token;  // set once the secret was right
};

class CallerView;

struct FoundKey {
  KeyVerdict verdict = KeyVerdict::malformed;
  // Set for `good` and from `revoked` on, for then the secret was right. They are the view's.
  const CallerKey* key = nullptr;
  const KnownConsumer* consumer = nullptr;  // null for `no_consumer`, too
};

// Immutable once published; any thread.
class CallerView {
 public:
  // A view without anyone, that checks secrets with `hash`.
  CallerView(std::shared_ptr<const KeyedHash> hash, std::shared_ptr<UseMarks> marks)
      : hash_(std::move(hash)), marks_(std::move(marks)) {}

  // Whether `presented` is a key that is good at `now` (Unix milliseconds), and whose. Unknown ids
  // and wrong secrets take the time of right ones; what is known of a key is told only to those
  // with its secret. Networks and APIs are for the caller to compare. A good key's use is
  // noted, unless it is not one.
  [[nodiscard]] FoundKey find_key(std::string_view presented, std::int64_t now,
                                  bool is_use = true) const;

  // Null: there is none. Disabled consumers are found, and say so.
  [[nodiscard]] const KnownConsumer* consumer(const PublicId& id) const;
  [[nodiscard]] const KnownConsumer* consumer(std::string_view id) const;
  [[nodiscard]] const KnownConsumer* consumer_named(std::string_view name) const;
  [[nodiscard]] const Client* client(std::string_view id) const;
  // Whether `secret` is the client's, in a time that does not tell.
  [[nodiscard]] bool is_secret_of(const Client& client, std::string_view secret) const;
  // What of `kind` concerns `value` at `now`; null: nothing. For subjects and clients it concerns
  // the tokens issued up to Revocation::created.
  [[nodiscard]] const Revocation* revocation(RevocationKind kind, std::string_view value,
                                             std::int64_t now) const;

  // Whether `presented` is an admin token that is good at `now`, in the time that find_key takes.
  [[nodiscard]] FoundAdminToken find_admin_token(std::string_view presented,
                                                 std::int64_t now) const;

  [[nodiscard]] const ShardedTable<CallerKey>& keys() const { return keys_; }
  [[nodiscard]] const ShardedTable<CallerConsumer>& consumers() const { return consumers_; }

 private:
  friend class ViewBuilder;
  [[nodiscard]] std::shared_ptr<const KnownConsumer> known_consumer(const PublicId& id) const;
  [[nodiscard]] static FoundKey judge(const CallerKey& key, std::int64_t now);

  std::shared_ptr<const KeyedHash> hash_;
  std::shared_ptr<UseMarks> marks_;
  ShardedTable<CallerKey> keys_;
  ShardedTable<CallerConsumer> consumers_;
  ShardedTable<NamedConsumer> consumers_by_name_;
  ShardedTable<CallerClient> clients_;
  ShardedTable<CallerRevocation> revocations_;
  ShardedTable<KnownAdminToken> admin_tokens_;
};

}  // namespace sallyport::store
