// See password_hash.h.
#include "store/sealing/password_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <span>

#include "base/base64url.h"
#include "base/text.h"
#include "store/sealing/keyed_hash.h"

namespace sallyport::store {
namespace {

constexpr std::string_view kName = "$scrypt$";
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kMostSalt = 64;

// The format has the other alphabet than tokens.
std::string to_base64(std::string_view bytes) {
  std::string text = base64url_encode(bytes);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.find_first_of("-_") != std::string_view::npos) return std::nullopt;
  std::string plain(text);
  for (char& c : plain) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return base64url_decode(plain);
}

// What stands up to the next "$", which is taken away with it.
std::string_view next_part(std::string_view& text) {
  const std::size_t end = std::min(text.find('$'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// "NAME=NUMBER" up to the next comma.
std::optional<std::uint32_t> next_number(std::string_view& text, std::string_view name) {
  const std::string_view part = text.substr(0, text.find(','));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  if (!part.starts_with(name)) return std::nullopt;
  const auto number = text::to_number(part.substr(name.size()));
  if (!number || *number > 0xFFFF) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

std::string fault_of(const PasswordHash::Cost& cost) {
  if (cost.log_n < 10 || cost.r < 1 || cost.p < 1) {
    return "is too cheap to protect a password: ln has to be 10 or more, r and p 1 or more";
  }
  if (cost.log_n > 30 || (std::uint64_t{128} * cost.r << cost.log_n) > PasswordHash::kMostMemory ||
      cost.p > PasswordHash::kMostParallel) {
    return "takes more than 128 MiB or 16 rounds for every password";
  }
  return {};
}

}  // namespace

std::expected<PasswordHash, std::string> PasswordHash::parse(std::string_view text) {
  if (text.starts_with("$argon2")) {
    return std::unexpected("is of argon2, which this build cannot compute: use scrypt");
  }
  PasswordHash hash;
  if (!text.starts_with(kName)) {
    return std::unexpected("is no hash of a password: `sallyport hash-password` makes one");
  }
  text.remove_prefix(kName.size());
  std::string_view costs = next_part(text);
  const auto log_n = next_number(costs, "ln=");
  const auto r = next_number(costs, "r=");
  const auto p = next_number(costs, "p=");
  const auto salt = from_base64(next_part(text));
  const auto bytes = from_base64(text);
  if (!log_n || !r || !p || !costs.empty() || !salt || salt->empty() || salt->size() > kMostSalt ||
      !bytes || bytes->size() != hash.hash_.size()) {
    return std::unexpected("is not written as $scrypt$ln=15,r=8,p=3$SALT$HASH (32 bytes)");
  }
  hash.cost_ = {.log_n = *log_n, .r = *r, .p = *p};
  if (std::string fault = fault_of(hash.cost_); !fault.empty()) {
    return std::unexpected(std::move(fault));
  }
  hash.salt_ = *salt;
  std::ranges::copy(*bytes, hash.hash_.begin());
  return hash;
}

PasswordHash PasswordHash::of(std::string_view password, const Cost& cost) {
  PasswordHash hash = of_nobody(cost);
  // Without memory there is no hash, and one of zeros must not be the answer.
  if (!hash.derive(password, hash.hash_)) std::abort();
  return hash;
}

PasswordHash PasswordHash::of_nobody(const Cost& cost) {
  PasswordHash hash;
  hash.cost_ = cost;
  hash.salt_.resize(kSaltSize);
  random_bytes(reinterpret_cast<std::uint8_t*>(hash.salt_.data()), kSaltSize);  // text as bytes
  random_bytes(hash.hash_.data(), hash.hash_.size());
  return hash;
}

bool PasswordHash::matches(std::string_view password) const {
  Hash presented{};
  const bool derived = derive(password, presented);
  const bool same = equal_in_constant_time(presented, hash_);
  OPENSSL_cleanse(presented.data(), presented.size());
  return derived && same;
}

bool PasswordHash::derive(std::string_view password, Hash& out) const {
  return EVP_PBE_scrypt(password.data(), password.size(), as_bytes(salt_), salt_.size(),
                        std::uint64_t{1} << cost_.log_n, cost_.r, cost_.p, 2 * kMostMemory,
                        out.data(), out.size()) == 1;
}

std::string PasswordHash::text() const {
  return std::string(kName) + "ln=" + std::to_string(cost_.log_n) +
         ",r=" + std::to_string(cost_.r) + ",p=" + std::to_string(cost_.p) + "$" +
         to_base64(salt_) + "$" + to_base64(as_text(hash_));
}

}  // namespace sallyport::store
