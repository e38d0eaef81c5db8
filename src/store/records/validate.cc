// See validate.h.
#include "store/records/validate.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "http/address.h"

namespace sallyport::store {
namespace {

constexpr std::size_t kLongestWord = 256;
constexpr std::size_t kMostWords = 1000;
constexpr std::size_t kLongestDocument = 65536;

std::unexpected<Error> wrong(std::string_view field, std::string_view why) {
  return fail(ErrorKind::invalid, "`" + std::string(field) + "` " + std::string(why));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = text::utf8_length(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

enum class Empty : bool { refused, allowed };

Outcome<void> word(std::string_view field, std::string_view text, Empty empty) {
  if (text.empty() && empty == Empty::refused) return wrong(field, "is empty");
  if (text.size() > kLongestWord) return wrong(field, "is longer than 256 bytes");
  if (!is_utf8(text)) return wrong(field, "is not UTF-8");
  if (has_control(text)) return wrong(field, "holds a control character");
  return {};
}

Outcome<void> words(std::string_view field, const std::vector<std::string>& list) {
  if (list.size() > kMostWords) return wrong(field, "has more than 1000 elements");
  for (const std::string& text : list) {
    auto good = word(field, text, Empty::refused);
    if (!good) return good;
  }
  return {};
}

Outcome<void> document(std::string_view field, std::string_view text) {
  if (text.size() > kLongestDocument) return wrong(field, "is longer than 64 KiB");
  if (!is_utf8(text)) return wrong(field, "is not UTF-8");
  return {};
}

Outcome<void> networks(const std::vector<std::string>& list) {
  for (const std::string& text : list) {
    std::string error;
    if (!net::Cidr::parse(text, &error)) return wrong("networks", "holds " + text + ": " + error);
  }
  return words("networks", list);
}

// The first of these that is wrong.
template <typename... Checks>
Outcome<void> all(const Checks&... checks) {
  Outcome<void> result;
  (void)((result = checks(), result.has_value()) && ...);
  return result;
}

}  // namespace

Outcome<void> validate(const Consumer& consumer) {
  return all([&] { return word("name", consumer.name, Empty::refused); },
             [&] { return words("groups", consumer.groups); },
             [&] { return words("roles", consumer.roles); },
             [&] { return word("plan", consumer.plan, Empty::allowed); },
             [&] { return document("metadata", consumer.metadata); });
}

Outcome<void> validate(const ApiKey& key) {
  if (key.not_before && key.expires && *key.expires <= *key.not_before) {
    return wrong("expires", "is not after `not_before`");
  }
  return all([&] { return word("consumer", key.consumer, Empty::refused); },
             [&] { return word("label", key.label, Empty::allowed); },
             [&] { return words("apis", key.apis); }, [&] { return networks(key.networks); },
             [&] { return words("scopes", key.scopes); });
}

Outcome<void> validate(const Client& client) {
  constexpr std::int64_t kLongestGrant = 366LL * 24 * 3600;
  if (client.grant_seconds < 1 || client.grant_seconds > kLongestGrant) {
    return wrong("grant_seconds", "is not between a second and a year");
  }
  return all([&] { return word("id", client.id, Empty::refused); },
             [&] { return word("consumer", client.consumer, Empty::refused); },
             [&] { return word("mtls_subject", client.mtls_subject, Empty::allowed); },
             [&] { return words("scopes", client.scopes); },
             [&] { return document("jwk", client.jwk); });
}

Outcome<void> validate(const Revocation& revocation) {
  return word("value", revocation.value, Empty::refused);
}

Outcome<void> validate(const SigningKey& key) {
  return all([&] { return word("kid", key.kid, Empty::refused); },
             [&] { return word("algorithm", key.algorithm, Empty::refused); });
}

Outcome<void> validate(const AdminToken& token) { return word("name", token.name, Empty::refused); }

}  // namespace sallyport::store
