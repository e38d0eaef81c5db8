// Keeps what was revoked before its time. On the store's thread, inside a transaction (Store::run).
#pragma once

#include <functional>

#include "store/records/change_log.h"
#include "store/records/work.h"

namespace sallyport::store {

class Revocations {
 public:
  explicit Revocations(Work& work) : work_(work) {}

  // Revoking anew moves `created` to now and never brings `until` forward.
  [[nodiscard]] Outcome<Revocation> add(Revocation revocation) const;
  [[nodiscard]] Outcome<void> remove(RevocationKind kind, std::string_view value) const;
  // In the order of values; of one kind.
  [[nodiscard]] Outcome<Page<Revocation>> list(RevocationKind kind, const PageQuery& query) const;
  // Forgets those whose time has passed; how many there were.
  [[nodiscard]] Outcome<std::uint64_t> forget_past() const;
  // All of them; with `since`, those of them that changed.
  [[nodiscard]] Outcome<void> for_each(const Since* since,
                                       const std::function<void(Revocation)>& each) const;

 private:
  Work& work_;
};

}  // namespace sallyport::store
