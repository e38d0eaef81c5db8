// How the upstream learns who is calling: in headers as they are, or in a short-lived signed token.
// Private to this folder.
//
// A client must not be able to say it in our place: the names used here are noted in the load scope
// (policy/identity_headers.h), and the gateway takes them out of every request it reads.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "jose/key.h"
#include "policy/claim_path.h"
#include "policy/exchange.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// Names of headers.
struct IdentityHeaderSettings {
  std::optional<std::string> consumer, subject, issuer, client, method, strength;
  std::optional<std::string> scopes, roles, groups;
  schema::NamedList<std::string> claims;  // by path

  static schema::Fields<IdentityHeaderSettings> fields();
};

struct SignedIdentitySettings {
  std::string header = "X-Identity";
  schema::FilePath key;
  std::optional<std::string> algorithm;
  std::string issuer = "sallyport";
  std::optional<std::string> audience;
  schema::Duration lifetime = std::chrono::seconds(60);

  static schema::Fields<SignedIdentitySettings> fields();
};

struct IdentitySettings {
  std::optional<schema::Marked<IdentityHeaderSettings>> headers;
  std::optional<schema::Marked<SignedIdentitySettings>> signed_token;

  static schema::Fields<IdentitySettings> fields();
};

// Shared by threads.
class UpstreamIdentity {
 public:
  // Null: the key cannot be used, and the context heard why.
  [[nodiscard]] static std::unique_ptr<const UpstreamIdentity> make(
      const IdentitySettings& settings, schema::Context& context);

  // Writes what `x.identity` says into the request, in place of whatever stands there. False: it
  // could not be signed.
  [[nodiscard]] bool write(Exchange& x) const;

 private:
  using List = std::span<const std::string_view> Identity::*;
  struct Signer {
    jose::Key key;
    jose::Algorithm algorithm;
    std::string header, issuer;
    std::optional<std::string> audience;
    std::chrono::seconds lifetime;
  };
  // A token that was made for this identity not long ago. Signing takes longer than everything
  // else that is done with a request.
  struct Slot {
    std::mutex mutex;
    std::array<std::uint64_t, 2> identity{};
    std::int64_t good_until = 0;  // seconds of the epoch
    std::string token;
  };
  static constexpr std::size_t kSlots = 1024;

  UpstreamIdentity() = default;
  void write_headers(Exchange& x) const;
  [[nodiscard]] bool write_token(Exchange& x) const;
  [[nodiscard]] std::string statement(const Exchange& x) const;

  std::vector<std::pair<std::string, std::string_view Identity::*>> texts_;
  std::vector<std::pair<std::string, List>> lists_;
  std::vector<std::pair<std::string, ClaimPath>> claims_;
  std::optional<std::string> strength_;
  std::optional<Signer> signer_;
  std::array<std::uint64_t, 2> hash_key_ = random_hash_key();
  std::unique_ptr<std::array<Slot, kSlots>> slots_;
};

}  // namespace sallyport::policies::authenticate_detail
