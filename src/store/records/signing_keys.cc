// See signing_keys.h.
#include "store/records/signing_keys.h"

#include "store/records/rows.h"
#include "store/records/sealed_tables.h"
#include "store/records/validate.h"

namespace sallyport::store {

Outcome<void> SigningKeys::create(const SigningKey& key) const {
  auto valid = validate(key);
  if (!valid) return valid;
  const std::string sealed =
      work_.ring.seal(key.private_key.view(), kSigningKeyTable.context_of(key.kid));
  auto inserted = work_.database.execute(
      "INSERT INTO signing_keys (kid, algorithm, sealed, created, active_from) "
      "VALUES ($1, $2, $3, $4, $5)",
      {key.kid, key.algorithm, Bytes{sealed}, work_.now, key.active_from});
  if (!inserted) {
    return fail(
        inserted = reworded(std::move(inserted), "there is a signing key " + key.kid + " already"));
  }
  return {};
}

Outcome<std::vector<SigningKey>> SigningKeys::list() const {
  std::vector<SigningKey> keys;
  Outcome<void> opened;
  auto read = work_.database.query(
      "SELECT kid, algorithm, sealed, created, active_from, retired FROM signing_keys "
      "ORDER BY active_from DESC, kid",
      {}, [&](const Row& row) {
        auto secret = work_.ring.open(row.text(2), kSigningKeyTable.context_of(row.text(0)));
        if (!secret) {
          opened = fail(secret);
          return;
        }
        keys.push_back({.kid = std::string(row.text(0)),
                        .algorithm = std::string(row.text(1)),
                        .private_key = std::move(*secret),
                        .created = row.integer(3),
                        .active_from = row.integer(4),
                        .retired = row.optional_integer(5)});
      });
  if (!read) return fail(read);
  if (!opened) return fail(opened);
  return keys;
}

Outcome<void> SigningKeys::retire(std::string_view kid) const {
  auto updated = work_.database.execute(
      "UPDATE signing_keys SET retired = $1 WHERE kid = $2 AND retired IS NULL", {work_.now, kid});
  if (!updated) return fail(updated);
  if (*updated == 0) {
    return fail(ErrorKind::not_found, "there is no signing key " + std::string(kid) + " in use");
  }
  return {};
}

Outcome<void> SigningKeys::remove(std::string_view kid) const {
  auto removed = work_.database.execute("DELETE FROM signing_keys WHERE kid = $1", {kid});
  if (!removed) return fail(removed);
  if (*removed == 0) {
    return fail(ErrorKind::not_found, "there is no signing key " + std::string(kid));
  }
  return {};
}

Outcome<SecretText> NamedSecrets::get_or_make(std::string_view name) const {
  const std::string context = kSecretTable.context_of(name);
  std::optional<std::string> sealed;
  auto read = database_.query("SELECT sealed FROM secrets WHERE name = $1", {name},
                              [&sealed](const Row& row) { sealed.emplace(row.text(0)); });
  if (!read) return fail(read);
  if (sealed) return ring_.open(*sealed, context);
  LockedMemory made(MasterKey::kSize);
  random_bytes(made.data(), made.size());
  const std::string fresh = ring_.seal(made.bytes(), context);
  auto inserted =
      database_.execute("INSERT INTO secrets (name, sealed) VALUES ($1, $2)", {name, Bytes{fresh}});
  if (!inserted) return fail(inserted);
  return SecretText(std::string(made.bytes()));
}

}  // namespace sallyport::store
