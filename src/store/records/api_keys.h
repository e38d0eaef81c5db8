// Keeps API keys. On the store's thread, inside a transaction (Store::run).
#pragma once

#include <functional>
#include <span>

#include "store/records/change_log.h"
#include "store/records/work.h"

namespace sallyport::store {

struct KeyUse {
  std::string id;
  std::int64_t time;  // Unix milliseconds
};

class ApiKeys {
 public:
  explicit ApiKeys(Work& work) : work_(work) {}

  // Makes a key with what `wanted` says of consumer, label, limits and times. The text is in the
  // answer and nowhere else.
  [[nodiscard]] Outcome<IssuedKey> issue(ApiKey wanted) const;
  [[nodiscard]] Outcome<ApiKey> get(std::string_view id) const;
  // In the order of ids; of one consumer, or of all when `consumer` is empty.
  [[nodiscard]] Outcome<Page<ApiKey>> list(const PageQuery& query,
                                           std::string_view consumer = {}) const;
  // Replaces label, limits and times of validity; a revoked key is a `conflict`.
  [[nodiscard]] Outcome<ApiKey> update(ApiKey key) const;
  // A new key with the same limits; the old one ends after `overlap` milliseconds, or when it
  // would have anyway. A key that is revoked or has expired is a `conflict`.
  [[nodiscard]] Outcome<IssuedKey> rotate(std::string_view id, std::int64_t overlap) const;
  // For good. A key revoked before stays as it was.
  [[nodiscard]] Outcome<ApiKey> revoke(std::string_view id) const;
  // Forgets the key altogether.
  [[nodiscard]] Outcome<void> remove(std::string_view id) const;
  [[nodiscard]] Outcome<void> note_uses(std::span<const KeyUse> uses) const;
  // All of them; with `since`, those of them that changed.
  [[nodiscard]] Outcome<void> for_each(const Since* since,
                                       const std::function<void(ApiKey)>& each) const;

 private:
  [[nodiscard]] Outcome<ApiKey> save(ApiKey key) const;
  Work& work_;
};

}  // namespace sallyport::store
