// See api_keys.h.
#include "store/records/api_keys.h"

#include <algorithm>
#include <limits>

#include "store/key_text.h"
#include "store/records/rows.h"
#include "store/records/validate.h"

namespace sallyport::store {
namespace {

std::string select(std::string_view rest) {
  return std::string(
             "SELECT id, consumer, secret_hash, label, apis, networks, scopes, created, "
             "not_before, expires, revoked, last_used FROM api_keys ")
      .append(rest);
}

ApiKey read(const Row& row) {
  ApiKey key{.id = std::string(row.text(0)),
             .consumer = std::string(row.text(1)),
             .label = std::string(row.text(3)),
             .apis = from_lines(row.text(4)),
             .networks = from_lines(row.text(5)),
             .scopes = from_lines(row.text(6)),
             .created = row.integer(7),
             .not_before = row.optional_integer(8),
             .expires = row.optional_integer(9),
             .revoked = row.optional_integer(10),
             .last_used = row.optional_integer(11)};
  read_hash(row.text(2), key.secret_hash);
  return key;
}

}  // namespace

Outcome<IssuedKey> ApiKeys::issue(ApiKey wanted) const {
  auto valid = validate(wanted);
  if (!valid) return fail(valid);
  const PresentedKey made = PresentedKey::random();
  ApiKey key = std::move(wanted);
  key.id = made.id().text();
  key.secret_hash = made.hash(work_.hash);
  key.created = work_.now;
  key.revoked = std::nullopt;
  key.last_used = std::nullopt;
  auto inserted = work_.database.execute(
      "INSERT INTO api_keys (id, consumer, secret_hash, label, apis, networks, scopes, created, "
      "not_before, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {key.id, key.consumer, Bytes{as_text(key.secret_hash)}, key.label, to_lines(key.apis),
       to_lines(key.networks), to_lines(key.scopes), key.created, key.not_before, key.expires});
  if (!inserted) {
    return fail(inserted = reworded(std::move(inserted), "there is a key " + key.id + " already",
                                    "there is no consumer " + key.consumer));
  }
  work_.changes.keys[key.id] = key;
  return IssuedKey{.key = std::move(key), .text = made.text()};
}

Outcome<ApiKey> ApiKeys::get(std::string_view id) const {
  return read_one<ApiKey>(work_.database, select("WHERE id = $1"), id, read, "API key");
}

Outcome<Page<ApiKey>> ApiKeys::list(const PageQuery& query, std::string_view consumer) const {
  const std::string_view rest = consumer.empty()
                                    ? "WHERE id > $1 ORDER BY id LIMIT $2"
                                    : "WHERE id > $1 AND consumer = $3 ORDER BY id LIMIT $2";
  return read_page<ApiKey>(work_.database, select(rest), query,
                           consumer.empty() ? Value(nullptr) : consumer, read,
                           [](const ApiKey& last) { return last.id; });
}

Outcome<ApiKey> ApiKeys::save(ApiKey key) const {
  auto valid = validate(key);
  if (!valid) return fail(valid);
  auto updated = work_.database.execute(
      "UPDATE api_keys SET label = $1, apis = $2, networks = $3, scopes = $4, not_before = $5, "
      "expires = $6, revoked = $7 WHERE id = $8",
      {key.label, to_lines(key.apis), to_lines(key.networks), to_lines(key.scopes), key.not_before,
       key.expires, key.revoked, key.id});
  if (!updated) return fail(updated);
  work_.changes.keys[key.id] = key;
  return key;
}

Outcome<ApiKey> ApiKeys::update(ApiKey key) const {
  auto before = get(key.id);
  if (!before) return before;
  if (before->revoked) return fail(ErrorKind::conflict, "the API key " + key.id + " is revoked");
  before->label = std::move(key.label);
  before->apis = std::move(key.apis);
  before->networks = std::move(key.networks);
  before->scopes = std::move(key.scopes);
  before->not_before = key.not_before;
  before->expires = key.expires;
  return save(std::move(*before));
}

Outcome<IssuedKey> ApiKeys::rotate(std::string_view id, std::int64_t overlap) const {
  auto old = get(id);
  if (!old) return fail(old);
  if (old->revoked || (old->expires && *old->expires <= work_.now)) {
    return fail(ErrorKind::conflict, "the API key " + old->id +
                                         " is no longer good, so there is nothing to rotate: "
                                         "issue a new one");
  }
  if (overlap < 0 || overlap > std::numeric_limits<std::int64_t>::max() - work_.now) {
    return fail(ErrorKind::invalid, "`overlap` is not a length of time");
  }
  ApiKey wanted = *old;
  const std::int64_t end = work_.now + overlap;
  old->expires = std::min(old->expires.value_or(end), end);
  // It would have begun after its end: it never becomes good.
  if (old->not_before && *old->not_before >= *old->expires) {
    old->revoked = work_.now;
    old->expires = wanted.expires;
  }
  auto saved = save(std::move(*old));
  if (!saved) return fail(saved);
  return issue(std::move(wanted));
}

Outcome<ApiKey> ApiKeys::revoke(std::string_view id) const {
  auto key = get(id);
  if (!key || key->revoked) return key;
  key->revoked = work_.now;
  return save(std::move(*key));
}

Outcome<void> ApiKeys::remove(std::string_view id) const {
  auto removed = work_.database.execute("DELETE FROM api_keys WHERE id = $1", {id});
  if (!removed) return fail(removed);
  if (*removed == 0) return fail(ErrorKind::not_found, "there is no API key " + std::string(id));
  work_.changes.keys[std::string(id)] = std::nullopt;
  return {};
}

Outcome<void> ApiKeys::note_uses(std::span<const KeyUse> uses) const {
  for (const KeyUse& use : uses) {
    auto noted = work_.database.execute(
        "UPDATE api_keys SET last_used = $1 "
        "WHERE id = $2 AND (last_used IS NULL OR last_used < $1)",
        {use.time, use.id});
    if (!noted) return fail(noted);
  }
  return {};
}

Outcome<void> ApiKeys::for_each(const Since* since, const std::function<void(ApiKey)>& each) const {
  return read_changed(work_.database, select(""), ChangeKind::key, since,
                      [&each](const Row& row) { each(read(row)); });
}

}  // namespace sallyport::store
