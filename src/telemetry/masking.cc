// Names are reduced to a key (lower case, decoded, without "-" and "_") and looked up in a small
// hash table.
#include "telemetry/masking.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace sallyport::telemetry {
namespace {

constexpr auto kDefaults = std::to_array<std::string_view>({
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "auth_token",
    "api_token",
    "session_token",
    "csrf_token",
    "code",
    "code_verifier",
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "secret",
    "client_secret",
    "api_key",
    "api_secret",
    "key",
    "access_key",
    "secret_key",
    "private_key",
    "subscription_key",
    "sig",
    "signature",
    "auth",
    "authorization",
    "credential",
    "credentials",
    "jwt",
    "bearer",
    "assertion",
    "client_assertion",
    "saml_response",
    "session",
    "session_id",
    "sid",
    "jsessionid",
    "phpsessid",
    "otp",
    "pin",
    "x_amz_signature",
    "x_amz_security_token",
    "x_amz_credential",
    "x_goog_signature",
    "x_goog_credential",
    "aws_access_key_id",
});

constexpr bool is_separator(char c) { return c == '[' || c == ']' || c == '.'; }

// Takes one character, decoded, off the front of `name`.
char take(std::string_view& name) {
  char c = name.front();
  std::size_t taken = 1;
  if (c == '%' && name.size() >= 3) {
    int high = text::hex_digit(name[1]);
    int low = text::hex_digit(name[2]);
    if (high >= 0 && low >= 0) {
      c = static_cast<char>(high * 16 + low);
      taken = 3;
    }
  }
  name.remove_prefix(taken);
  return c;
}

std::uint32_t hash_of(std::string_view key) {
  std::uint32_t hash = 0;
  for (char c : key) hash = (hash + static_cast<unsigned char>(c)) * 0x9E3779B1U;
  return hash ^ hash >> 15;
}

// Writes the key of a name to `out`, which holds `name.size()` bytes; returns its length.
std::size_t write_key(char* out, std::string_view name) {
  std::size_t size = 0;
  while (!name.empty()) {
    char c = take(name);
    bool ignored = c == '-' || c == '_' || c == '+' || (c >= 0 && c <= ' ');
    if (!ignored) out[size++] = text::lower(c);
  }
  return size;
}

enum CharClass : std::uint8_t { letter = 0, other = 1, equals = 2, end_of_parameter = 4 };

constexpr auto kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t c = 0; c < classes.size(); ++c) {
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    classes[c] = is_letter ? letter : other;
  }
  classes['='] = equals;
  classes['&'] = end_of_parameter;
  classes[';'] = end_of_parameter;
  return classes;
}();

std::uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

}  // namespace

std::span<const std::string_view> default_masked_parameters() { return kDefaults; }

MaskedNames::MaskedNames(const std::vector<std::string>& parameters,
                         const std::vector<std::string>& headers) {
  table_.resize(std::bit_ceil((kDefaults.size() + parameters.size()) * 4));
  for (std::string_view name : kDefaults) add(name);
  for (const std::string& name : parameters) add(name);
  for (const std::string& name : headers) {
    if (text::equals_ignoring_case(name, "user-agent")) user_agent_ = true;
    if (text::equals_ignoring_case(name, "referer")) referer_ = true;
  }
}

void MaskedNames::add(std::string_view name) {
  std::string key(name);
  key.resize(write_key(key.data(), name));
  if (key.empty() || has(key)) return;
  std::size_t i = hash_of(key) & (table_.size() - 1);
  while (!table_[i].empty()) i = (i + 1) & (table_.size() - 1);
  lengths_[ends_of(key)] |= std::uint64_t{1} << (key.size() & 63);
  table_[i] = std::move(key);
}

bool MaskedNames::has(std::string_view key) const {
  for (std::size_t i = hash_of(key) & (table_.size() - 1); !table_[i].empty();
       i = (i + 1) & (table_.size() - 1)) {
    if (table_[i] == key) return true;
  }
  return false;
}

bool MaskedNames::masks_parameter(std::string_view name) const {
  // Of a name that is too long the end is looked at.
  std::array<char, 256> text;
  if (name.size() > text.size()) name.remove_prefix(name.size() - text.size());
  std::string_view key(text.data(), write_key(text.data(), name));
  if (has(key)) return true;
  for (std::size_t i = 0, begin = 0; i <= key.size(); ++i) {
    if (i < key.size() && !is_separator(key[i])) continue;
    bool is_part = i - begin < key.size() && i > begin;
    if (is_part && has(key.substr(begin, i - begin))) return true;
    begin = i + 1;
  }
  return false;
}

std::string_view MaskedNames::mask(std::string_view query, Arena& arena) const {
  char* copy = nullptr;
  char* out = nullptr;
  std::size_t shown = 0;  // up to here the query has been copied
  for (std::size_t i = 0; i < query.size(); ++i) {
    std::size_t begin = i;
    std::uint8_t seen = 0;
    std::uint8_t c = 0;
    for (; i < query.size(); ++i) {
      c = class_of(query[i]);
      if (c >= equals) break;
      seen |= c;
    }
    if (c != equals) continue;
    std::string_view name = query.substr(begin, i - begin);
    std::size_t value = i + 1;
    i = value;
    while (i < query.size() && class_of(query[i]) != end_of_parameter) ++i;
    if (name.empty() || i == value || (seen == letter && !may_mask(name))) continue;
    if (!masks_parameter(name)) continue;
    // At most two bytes more for every four of the query.
    if (copy == nullptr) out = copy = arena.chars(query.size() * 2);
    std::memcpy(out, query.data() + shown, value - shown);
    out = std::ranges::copy(kMask, out + (value - shown)).out;
    shown = i;
  }
  if (copy == nullptr) return query;
  std::memcpy(out, query.data() + shown, query.size() - shown);
  out += query.size() - shown;
  return {copy, static_cast<std::size_t>(out - copy)};
}

}  // namespace sallyport::telemetry
