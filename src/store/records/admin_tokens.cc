// See admin_tokens.h.
#include "store/records/admin_tokens.h"

#include <algorithm>

#include "store/key_text.h"
#include "store/records/rows.h"
#include "store/records/validate.h"

namespace sallyport::store {
namespace {

std::string select(std::string_view rest) {
  return std::string(
             "SELECT id, name, role, secret_hash, created, expires, revoked FROM admin_tokens ")
      .append(rest);
}

AdminToken read(const Row& row) {
  // A role that nobody wrote is the least one.
  const std::int64_t role = row.integer(2);
  const bool known = role >= 0 && role <= static_cast<std::int64_t>(AdminRole::admin);
  AdminToken token{.id = std::string(row.text(0)),
                   .name = std::string(row.text(1)),
                   .role = known ? static_cast<AdminRole>(role) : AdminRole::viewer,
                   .created = row.integer(4),
                   .expires = row.optional_integer(5),
                   .revoked = row.optional_integer(6)};
  read_hash(row.text(3), token.secret_hash);
  return token;
}

}  // namespace

Outcome<IssuedAdminToken> AdminTokens::issue(AdminToken wanted) const {
  auto valid = validate(wanted);
  if (!valid) return fail(valid);
  if (wanted.expires && *wanted.expires <= work_.now) {
    return fail(ErrorKind::invalid, "`expires` has passed");
  }
  const PresentedKey made = PresentedKey::random(kAdminTokenPrefix);
  AdminToken token = std::move(wanted);
  token.id = made.id().text();
  token.secret_hash = made.hash(work_.hash);
  token.created = work_.now;
  token.revoked = std::nullopt;
  auto inserted = work_.database.execute(
      "INSERT INTO admin_tokens (id, name, role, secret_hash, created, expires) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      {token.id, token.name, static_cast<std::int64_t>(token.role),
       Bytes{as_text(token.secret_hash)}, token.created, token.expires});
  if (!inserted) return fail(inserted);
  work_.changes.admin_tokens[token.id] = token;
  return IssuedAdminToken{.token = std::move(token), .text = made.text()};
}

Outcome<AdminToken> AdminTokens::get(std::string_view id) const {
  return read_one<AdminToken>(work_.database, select("WHERE id = $1"), id, read, "admin token");
}

Outcome<Page<AdminToken>> AdminTokens::list(const PageQuery& query) const {
  return read_page<AdminToken>(work_.database, select("WHERE id > $1 ORDER BY id LIMIT $2"), query,
                               nullptr, read, [](const AdminToken& last) { return last.id; });
}

Outcome<AdminToken> AdminTokens::revoke(std::string_view id) const {
  auto token = get(id);
  if (!token || token->revoked) return token;
  token->revoked = work_.now;
  auto updated = work_.database.execute("UPDATE admin_tokens SET revoked = $1 WHERE id = $2",
                                        {token->revoked, token->id});
  if (!updated) return fail(updated);
  work_.changes.admin_tokens[token->id] = *token;
  return token;
}

Outcome<std::uint64_t> AdminTokens::count_admins(std::int64_t until) const {
  std::uint64_t count = 0;
  auto counted = work_.database.query(
      "SELECT count(*) FROM admin_tokens "
      "WHERE role = $1 AND revoked IS NULL AND (expires IS NULL OR expires > $2)",
      {static_cast<std::int64_t>(AdminRole::admin), std::max(until, work_.now)},
      [&count](const Row& row) { count = static_cast<std::uint64_t>(row.integer(0)); });
  if (!counted) return fail(counted);
  return count;
}

Outcome<void> AdminTokens::for_each(const Since* since,
                                    const std::function<void(AdminToken)>& each) const {
  return read_changed(work_.database, select(""), ChangeKind::admin_token, since,
                      [&each](const Row& row) { each(read(row)); });
}

}  // namespace sallyport::store
