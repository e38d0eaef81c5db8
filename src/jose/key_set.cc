#include "jose/key_set.h"

#include <algorithm>

#include "jose/failure.h"

namespace sallyport::jose {
namespace {

// Keys of providers number a handful; a set of more than this is none that anybody published.
constexpr std::size_t kMostKeys = 1000;

std::string sentence_about(std::string_view id, std::string_view why) {
  return (id.empty() ? "A key without kid" : "Key " + quoted(id)) + " is left out. " +
         std::string(why);
}

// Which keys another one could be taken for.
std::vector<bool> ambiguous(std::span<const Key> keys) {
  std::vector<bool> chosen(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (keys[i].id().empty() || keys[i].id() != keys[j].id()) continue;
      if (keys[i].algorithms().intersection(keys[j].algorithms()).empty()) continue;
      chosen[i] = chosen[j] = true;
    }
  }
  return chosen;
}

// Which keys are secrets that public keys stand beside.
std::vector<bool> mixed_in(std::span<const Key> keys) {
  std::vector<bool> chosen(keys.size());
  const bool mixed = !std::ranges::all_of(keys, &Key::is_secret);
  for (std::size_t i = 0; i < keys.size(); ++i) chosen[i] = mixed && keys[i].is_secret();
  return chosen;
}

bool is_same(const Key& a, const Key& b) {
  return a.id() == b.id() && !a.is_secret() && a.thumbprint() == b.thumbprint() &&
         a.algorithms() == b.algorithms();
}

}  // namespace

std::expected<KeySet, std::string> KeySet::from_jwks(std::string_view text) {
  std::expected<json::Document, std::string> document =
      json::Document::parse(text, {.secret = true});
  if (!document) return std::unexpected("The JWK Set cannot be read. " + document.error());
  const std::optional<json::Value> list = document->find("keys");
  if (!list || !list->is_array()) {
    return std::unexpected("The JWK Set has no array \"keys\" (RFC 7517 section 5).");
  }
  if (list->size() > kMostKeys) {
    return std::unexpected("The JWK Set has " + std::to_string(list->size()) + " keys; up to " +
                           std::to_string(kMostKeys) + " are read.");
  }
  KeySet set;
  for (json::Value jwk : list->items()) {
    std::expected<Key, std::string> key = Key::from_jwk(jwk);
    if (key) {
      // The same key twice is one key.
      const bool known =
          std::ranges::any_of(set.keys_, [&key](const Key& other) { return is_same(*key, other); });
      if (!known) set.keys_.push_back(std::move(*key));
    } else {
      const std::optional<json::Value> id = jwk.find("kid");
      const std::string_view name = id ? id->string().value_or("") : "";
      set.skipped_.push_back(sentence_about(name, key.error()));
    }
  }
  set.leave_out(ambiguous(set.keys_), "Another key has the same kid for the same algorithm.");
  set.leave_out(mixed_in(set.keys_), "It is a secret in a set of public keys.");
  if (!set.keys_.empty()) return set;
  std::string sentence = "The JWK Set has no key that can be used.";
  for (const std::string& each : set.skipped_) sentence += " " + each;
  return std::unexpected(std::move(sentence));
}

KeySet KeySet::of(std::vector<Key> keys) {
  KeySet set;
  set.keys_ = std::move(keys);
  return set;
}

void KeySet::leave_out(const std::vector<bool>& chosen, std::string_view why) {
  std::vector<Key> kept;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (chosen[i]) {
      skipped_.push_back(sentence_about(keys_[i].id(), why));
    } else {
      kept.push_back(std::move(keys_[i]));
    }
  }
  keys_ = std::move(kept);
}

Candidates KeySet::find(std::optional<std::string_view> id, Algorithm algorithm) const {
  Candidates found;
  auto add = [&found, algorithm](const Key& key) {
    if (found.size_ < Candidates::kMost && key.algorithms().contains(algorithm)) {
      found.keys_[found.size_++] = &key;
    }
  };
  if (!id) {
    for (const Key& key : keys_) add(key);
    return found;
  }
  for (const Key& key : keys_) {
    if (key.id() != *id || key.id().empty()) continue;
    found.id_is_known_ = true;
    add(key);
  }
  for (const Key& key : keys_) {
    if (key.id().empty()) add(key);
  }
  return found;
}

}  // namespace sallyport::jose
