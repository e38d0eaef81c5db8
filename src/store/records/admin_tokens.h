// Keeps the tokens of the admin API. On the store's thread, inside a transaction (Store::run).
#pragma once

#include <functional>

#include "store/records/change_log.h"
#include "store/records/work.h"

namespace sallyport::store {

class AdminTokens {
 public:
  explicit AdminTokens(Work& work) : work_(work) {}

  // Makes a token with the name, role and end of `wanted`. The text is in the answer and nowhere
  // else. One that has ended already is `invalid`.
  [[nodiscard]] Outcome<IssuedAdminToken> issue(AdminToken wanted) const;
  [[nodiscard]] Outcome<AdminToken> get(std::string_view id) const;
  // In the order of ids.
  [[nodiscard]] Outcome<Page<AdminToken>> list(const PageQuery& query) const;
  // For good. A token revoked before stays as it was.
  [[nodiscard]] Outcome<AdminToken> revoke(std::string_view id) const;
  // How many tokens with the role `admin` are good now and end by themselves after `until`.
  [[nodiscard]] Outcome<std::uint64_t> count_admins(std::int64_t until) const;
  // All of them; with `since`, those of them that changed.
  [[nodiscard]] Outcome<void> for_each(const Since* since,
                                       const std::function<void(AdminToken)>& each) const;

 private:
  Work& work_;
};

}  // namespace sallyport::store
