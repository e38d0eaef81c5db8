// See revocations.h.
#include "store/records/revocations.h"

#include <utility>

#include "store/records/rows.h"
#include "store/records/validate.h"

namespace sallyport::store {
namespace {

Revocation read(const Row& row) {
  return {.kind = static_cast<RevocationKind>(row.integer(0)),
          .value = std::string(row.text(1)),
          .created = row.integer(2),
          .until = row.integer(3)};
}

}  // namespace

Outcome<Revocation> Revocations::add(Revocation revocation) const {
  auto valid = validate(revocation);
  if (!valid) return fail(valid);
  if (revocation.until <= work_.now) {
    return fail(ErrorKind::invalid, "`until` has passed, so there is nothing left to revoke");
  }
  revocation.created = work_.now;
  auto added = work_.database.query(
      "INSERT INTO revocations (kind, value, created, until) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (kind, value) DO UPDATE SET created = excluded.created, "
      "until = CASE WHEN revocations.until > excluded.until THEN revocations.until "
      "ELSE excluded.until END "
      "RETURNING until",
      {static_cast<std::int64_t>(revocation.kind), revocation.value, revocation.created,
       revocation.until},
      [&revocation](const Row& row) { revocation.until = row.integer(0); });
  if (!added) return fail(added);
  work_.changes.revocations[{revocation.kind, revocation.value}] = revocation;
  return revocation;
}

Outcome<void> Revocations::remove(RevocationKind kind, std::string_view value) const {
  auto removed = work_.database.execute("DELETE FROM revocations WHERE kind = $1 AND value = $2",
                                        {static_cast<std::int64_t>(kind), value});
  if (!removed) return fail(removed);
  if (*removed == 0) {
    return fail(ErrorKind::not_found, std::string(value) + " is not revoked");
  }
  work_.changes.revocations[{kind, std::string(value)}] = std::nullopt;
  return {};
}

Outcome<Page<Revocation>> Revocations::list(RevocationKind kind, const PageQuery& query) const {
  return read_page<Revocation>(work_.database,
                               "SELECT kind, value, created, until FROM revocations "
                               "WHERE value > $1 AND kind = $3 ORDER BY value LIMIT $2",
                               query, static_cast<std::int64_t>(kind), read,
                               [](const Revocation& last) { return last.value; });
}

Outcome<std::uint64_t> Revocations::forget_past() const {
  std::uint64_t count = 0;
  auto forgotten = work_.database.query(
      "DELETE FROM revocations WHERE until <= $1 RETURNING kind, value", {work_.now},
      [&](const Row& row) {
        const auto kind = static_cast<RevocationKind>(row.integer(0));
        work_.changes.revocations[{kind, std::string(row.text(1))}] = std::nullopt;
        ++count;
      });
  if (!forgotten) return fail(forgotten);
  return count;
}

Outcome<void> Revocations::for_each(const Since* since,
                                    const std::function<void(Revocation)>& each) const {
  const auto row_read = [&each](const Row& row) { each(read(row)); };
  const std::string select = "SELECT kind, value, created, until FROM revocations ";
  if (since == nullptr) return work_.database.query(select, {}, row_read);
  return work_.database.query(
      select +
          "WHERE EXISTS (SELECT 1 FROM changes WHERE changes.kind = revocations.kind + $1 "
          "AND changes.record = revocations.value AND changes.seq > $2 AND changes.node <> $3)",
      {std::int64_t{std::to_underlying(ChangeKind::revocation)}, since->after, since->node},
      row_read);
}

}  // namespace sallyport::store
