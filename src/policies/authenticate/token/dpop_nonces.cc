#include "policies/authenticate/token/dpop_nonces.h"

#include <array>
#include <chrono>

#include "base/base64url.h"
#include "jose/mac_key.h"
#include "store/sealing/master_key.h"
#include "store/store.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::string_view kPurpose = "DPoP nonces";
constexpr std::size_t kMinuteBytes = 4;
constexpr std::size_t kHashBytes = 16;

// One for all configurations: a reload is no reason to ask every client again.
const store::MasterKey& key_of_process() {
  static const store::MasterKey key = store::MasterKey::random();
  return key;
}

// The minute that a nonce says it is of; nothing: it is none.
std::optional<std::int64_t> minute_in(std::string_view nonce) {
  std::array<char, kMinuteBytes + kHashBytes> bytes;  // NOLINT(*-member-init): filled below
  if (base64url_decode(nonce, bytes) != bytes.size()) return std::nullopt;
  std::int64_t minute = 0;
  for (std::size_t i = 0; i < kMinuteBytes; ++i) {
    minute = minute << 8 | static_cast<unsigned char>(bytes.at(i));
  }
  return minute;
}

}  // namespace

const store::KeyedHash& DpopNonces::key_of(const Exchange& x) const {
  std::call_once(once_, [&] {
    key_.emplace(x.store != nullptr ? x.store->ring_for(kPurpose).current().derive(kPurpose).bytes()
                                    : key_of_process().derive(kPurpose).bytes());
  });
  return *key_;
}

std::string DpopNonces::nonce_of(const store::KeyedHash& key, std::int64_t minute) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(minute >> shift & 0xFF);
  const store::Hash hash = key(bytes);
  bytes.append(reinterpret_cast<const char*>(hash.data()), kHashBytes);
  return base64url_encode(bytes);
}

bool DpopNonces::accept(Exchange& x, std::string_view nonce, jose::Time now) const {
  const store::KeyedHash& key = key_of(x);
  const std::int64_t minute =
      std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
  const std::optional<std::int64_t> given = minute_in(nonce);
  // Another gateway's clock may be a little ahead.
  const bool good = given && *given <= minute + 1 && *given + kMinutes > minute &&
                    jose::equal_in_constant_time(nonce_of(key, *given), nonce);
  if (!good || *given < minute) x.slot<Given>(this).nonce = x.arena.copy(nonce_of(key, minute));
  return good;
}

void DpopNonces::complete(Exchange& x) const {
  const Given* given = x.slot_if<Given>(this);
  if (given == nullptr) return;
  x.response.headers.set("DPoP-Nonce", given->nonce);
  // Whoever gets it from a cache gets an old one (RFC 9449 section 8.2).
  x.response.headers.set(http::HeaderId::cache_control, "no-store");
}

}  // namespace sallyport::policies::authenticate_detail
