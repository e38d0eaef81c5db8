// See sealed_tables.h.
#include "store/records/sealed_tables.h"

#include <array>
#include <vector>

namespace sallyport::store {
namespace {

constexpr std::array kSealedTables = {kSigningKeyTable, kSecretTable, kRevisionTable};

Outcome<void> reseal_row(Database& database, const KeyRing& ring, const SealedTable& table,
                         const std::string& row) {
  const std::string where = " WHERE " + std::string(table.key) + " = ";
  std::string sealed;
  auto read = database.query("SELECT sealed FROM " + std::string(table.name) + where + "$1", {row},
                             [&sealed](const Row& found) { sealed = found.text(0); });
  if (!read) return read;
  const std::string context = table.context_of(row);
  auto secret = ring.open(sealed, context);
  if (!secret) return fail(secret);
  const std::string anew = ring.seal(secret->view(), context);
  auto updated = database.execute(
      "UPDATE " + std::string(table.name) + " SET sealed = $1" + where + "$2", {Bytes{anew}, row});
  if (!updated) return fail(updated);
  return {};
}

// Row by row: texts of configurations are too much to hold all at once.
Outcome<std::uint64_t> reseal_table(Database& database, const KeyRing& ring,
                                    const SealedTable& table) {
  std::vector<std::string> stale;
  auto read = database.query(
      "SELECT " + std::string(table.key) + ", sealed FROM " + std::string(table.name), {},
      [&](const Row& row) {
        if (ring.is_stale(row.text(1))) stale.emplace_back(row.text(0));
      });
  if (!read) return fail(read);
  for (const std::string& row : stale) {
    auto resealed = reseal_row(database, ring, table, row);
    if (!resealed) return fail(resealed);
  }
  return stale.size();
}

}  // namespace

Outcome<std::uint64_t> reseal_all(Database& database, const KeyRing& ring) {
  std::uint64_t count = 0;
  for (const SealedTable& table : kSealedTables) {
    auto resealed = reseal_table(database, ring, table);
    if (!resealed) return resealed;
    count += *resealed;
  }
  return count;
}

}  // namespace sallyport::store
