// Keeps consumers. On the store's thread, inside a transaction (Store::run).
#pragma once

#include <functional>
#include <span>

#include "store/records/change_log.h"
#include "store/records/work.h"

namespace sallyport::store {

class Consumers {
 public:
  explicit Consumers(Work& work) : work_(work) {}

  // Gives it an id and a time. A name that exists is a `conflict`.
  [[nodiscard]] Outcome<Consumer> create(Consumer consumer) const;
  // All or, on an error, none once the transaction is rolled back. Ids and times are filled in; the
  // error names the record.
  [[nodiscard]] Outcome<void> create_all(std::span<Consumer> consumers) const;
  [[nodiscard]] Outcome<Consumer> get(std::string_view id) const;
  [[nodiscard]] Outcome<Consumer> find_by_name(std::string_view name) const;
  // In the order of names; PageQuery::after is one.
  [[nodiscard]] Outcome<Page<Consumer>> list(const PageQuery& query) const;
  // Replaces all but id, time of creation and password.
  [[nodiscard]] Outcome<Consumer> update(Consumer consumer) const;
  // `hash` as PasswordHash::text; empty: it has no password any more.
  [[nodiscard]] Outcome<Consumer> set_password(std::string_view id, std::string_view hash) const;
  // Its keys and clients go with it.
  [[nodiscard]] Outcome<void> remove(std::string_view id) const;
  // All of them; with `since`, those of them that changed.
  [[nodiscard]] Outcome<void> for_each(const Since* since,
                                       const std::function<void(Consumer)>& each) const;

 private:
  [[nodiscard]] Outcome<void> prepare(Consumer& consumer) const;
  [[nodiscard]] Outcome<void> insert(std::span<const Consumer> consumers) const;
  Work& work_;
};

}  // namespace sallyport::store
