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

// A member of the set, usable or not.
struct Entry {
  json::Value jwk;
  std::expected<Key, std::string> key;
  std::string_view left_out_because = {};
};

// Whether a token that names one of them could mean the other. One that cannot be used counts too:
// by chance or by design it may be the one that was meant.
bool are_confusable(const Entry& a, const Entry& b) {
  const std::string_view id = a.jwk.text("kid");
  if (id.empty() || id != b.jwk.text("kid")) return false;
  if (a.key && b.key) return !a.key->algorithms().intersection(b.key->algorithms()).empty();
  if (a.jwk.text("use") != b.jwk.text("use")) return false;
  return a.jwk.text("kty") == b.jwk.text("kty") && a.jwk.text("alg") == b.jwk.text("alg");
}

bool are_the_same(const Entry& a, const Entry& b) {
  return a.key && b.key && !a.key->is_secret() && a.key->thumbprint() == b.key->thumbprint();
}

void leave_out_ambiguous(std::span<Entry> entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!are_confusable(entries[i], entries[j])) continue;
      if (are_the_same(entries[i], entries[j])) {
        entries[i].left_out_because = "It is there twice.";
        continue;
      }
      constexpr std::string_view kWhy = "Another key has the same kid for the same algorithm.";
      entries[i].left_out_because = kWhy;
      entries[j].left_out_because = kWhy;
    }
  }
}

void leave_out_mixed_secrets(std::span<Entry> entries) {
  const bool mixed = std::ranges::any_of(
      entries, [](const Entry& each) { return each.key && !each.key->is_secret(); });
  for (Entry& each : entries) {
    if (mixed && each.key && each.key->is_secret()) {
      each.left_out_because = "It is a secret in a set of public keys.";
    }
  }
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
  std::vector<Entry> entries;
  for (json::Value jwk : list->items()) {
    entries.push_back({.jwk = jwk, .key = Key::from_jwk(jwk)});
  }
  leave_out_ambiguous(entries);
  leave_out_mixed_secrets(entries);
  KeySet set;
  for (Entry& each : entries) {
    if (each.key && each.left_out_because.empty()) {
      set.keys_.push_back(std::move(*each.key));
    } else {
      set.skipped_.push_back(sentence_about(each.jwk.text("kid"), each.left_out_because.empty()
                                                                      ? each.key.error()
                                                                      : each.left_out_because));
    }
  }
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
