// What is kept about callers. Plain values; times are Unix milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/encoding.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::store {

// Someone, or some program, that calls APIs: what credentials belong to and policies speak of.
struct Consumer {
  std::string id;    // given by the store
  std::string name;  // unique
  std::vector<std::string> groups;
  std::vector<std::string> roles;
  std::string metadata = "{}";  // a JSON object, which the store keeps as it came
  std::string plan;
  bool disabled = false;
  std::int64_t created = 0;  // given by the store
  // Of its password, as PasswordHash::text; empty: it has none. Given by Consumers::set_password
  // alone, and shown to nobody.
  std::string password_hash;
  friend bool operator==(const Consumer&, const Consumer&) = default;
};

// An API key, without its secret, of which only the keyed hash is kept.
struct ApiKey {
  std::string id;        // the public part; given by the store
  std::string consumer;  // an id
  Hash secret_hash{};    // given by the store
  std::string label;
  std::vector<std::string> apis;      // names of APIs it is good for; empty: all
  std::vector<std::string> networks;  // where it may be used from (CIDR); empty: anywhere
  std::vector<std::string> scopes;
  std::int64_t created = 0;  // given by the store
  std::optional<std::int64_t> not_before;
  std::optional<std::int64_t> expires;
  std::optional<std::int64_t> revoked;    // when it was
  std::optional<std::int64_t> last_used;  // to the minute or so
  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

// What an operator is shown once.
struct IssuedKey {
  ApiKey key;
  SecretText text;  // "spk_ID.SECRET"
};

// An OAuth client, which acts for a consumer.
struct Client {
  std::string id;  // chosen by the operator, or given by the store when empty
  std::string consumer;
  std::optional<Hash> secret_hash;  // given by the store; none: other ways to authenticate only
  std::string jwk;                  // its public key or keys as JSON (private_key_jwt), or empty
  std::string mtls_subject;         // of its certificate, or empty
  std::vector<std::string> scopes;
  std::int64_t grant_seconds = 3600;  // lifetime of a token it is given
  bool disabled = false;
  std::int64_t created = 0;
  friend bool operator==(const Client&, const Client&) = default;
};

struct IssuedClient {
  Client client;
  SecretText secret;
};

enum class RevocationKind : std::uint8_t {
  token = 0,    // one token, by its `jti`
  subject = 1,  // every token of a subject issued before
  client = 2,   // every token of a client issued before
};

struct Revocation {
  RevocationKind kind = RevocationKind::token;
  std::string value;
  std::int64_t created = 0;  // given by the store
  std::int64_t until = 0;    // when the last token it can concern has expired
  friend bool operator==(const Revocation&, const Revocation&) = default;
};

// A key that signs tokens of ours. The private key is sealed in the database.
struct SigningKey {
  std::string kid;
  std::string algorithm;
  SecretText private_key;  // in whatever form its user wants
  std::int64_t created = 0;
  std::int64_t active_from = 0;
  std::optional<std::int64_t> retired;  // since when it signs no more
};

// What whoever administers the gateway may do; each may what those before it may.
enum class AdminRole : std::uint8_t { viewer = 0, operate = 1, security = 2, admin = 3 };

// A token of the admin API, without its secret, of which only the keyed hash is kept.
struct AdminToken {
  std::string id;    // the public part; given by the store
  std::string name;  // for people: whose it is, what it is for
  AdminRole role = AdminRole::viewer;
  Hash secret_hash{};        // given by the store
  std::int64_t created = 0;  // given by the store
  std::optional<std::int64_t> expires;
  std::optional<std::int64_t> revoked;  // when it was
  friend bool operator==(const AdminToken&, const AdminToken&) = default;
};

struct IssuedAdminToken {
  AdminToken token;
  SecretText text;  // "spa_ID.SECRET"
};

// Part of a list, in the order of its key.
template <typename T>
struct Page {
  std::vector<T> items;
  std::string next;  // to be given as PageQuery::after for what follows; empty: nothing does
};

struct PageQuery {
  static constexpr std::size_t kMost = 1000;
  std::string after;
  std::size_t limit = 100;  // 1 to kMost
};

}  // namespace sallyport::store
