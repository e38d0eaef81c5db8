// A step that was released is never edited: what it got wrong, the next one puts right. Times are
// Unix milliseconds; lists of words are lines.
#include "store/database/migrations.h"

#include <array>
#include <string>

namespace sallyport::store {
namespace {

constexpr std::array<std::string_view, 5> kSteps = {
    R"(
CREATE TABLE consumers (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, groups_in TEXT NOT NULL, roles TEXT NOT NULL,
  metadata TEXT NOT NULL, plan TEXT NOT NULL, disabled BIGINT NOT NULL, created BIGINT NOT NULL);
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY, consumer TEXT NOT NULL REFERENCES consumers (id),
  secret_hash BYTEA NOT NULL, label TEXT NOT NULL, apis TEXT NOT NULL, networks TEXT NOT NULL,
  scopes TEXT NOT NULL, created BIGINT NOT NULL, not_before BIGINT, expires BIGINT,
  revoked BIGINT, last_used BIGINT);
CREATE INDEX api_keys_by_consumer ON api_keys (consumer, id);
CREATE TABLE clients (
  id TEXT PRIMARY KEY, consumer TEXT NOT NULL REFERENCES consumers (id), secret_hash BYTEA,
  jwk TEXT NOT NULL, mtls_subject TEXT NOT NULL, scopes TEXT NOT NULL,
  grant_seconds BIGINT NOT NULL, disabled BIGINT NOT NULL, created BIGINT NOT NULL);
CREATE INDEX clients_by_consumer ON clients (consumer, id);
CREATE TABLE revocations (
  kind BIGINT NOT NULL, value TEXT NOT NULL, created BIGINT NOT NULL, until BIGINT NOT NULL,
  PRIMARY KEY (kind, value));
CREATE INDEX revocations_by_end ON revocations (until);
CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY, algorithm TEXT NOT NULL, sealed BYTEA NOT NULL, created BIGINT NOT NULL,
  active_from BIGINT NOT NULL, retired BIGINT);
CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed BYTEA NOT NULL);
)",
    R"(
ALTER TABLE consumers ADD COLUMN password_hash TEXT NOT NULL DEFAULT '';
)",
    R"(
CREATE TABLE admin_tokens (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, role BIGINT NOT NULL, secret_hash BYTEA NOT NULL,
  created BIGINT NOT NULL, expires BIGINT, revoked BIGINT);
)",
    R"(
CREATE TABLE config_revisions (
  id TEXT PRIMARY KEY, node TEXT NOT NULL, number BIGINT NOT NULL, loaded BIGINT NOT NULL,
  actor TEXT NOT NULL, why TEXT NOT NULL, file TEXT NOT NULL, fingerprint TEXT NOT NULL,
  warnings BIGINT NOT NULL, size BIGINT NOT NULL, sealed BYTEA NOT NULL, UNIQUE (node, number));
)",
    // See change_log.h.
    R"(
CREATE TABLE changes (
  seq BIGINT PRIMARY KEY, node TEXT NOT NULL, kind BIGINT NOT NULL, record TEXT NOT NULL);
)"};

// A step in the types of `database`.
std::string script_of(std::string_view step, const Database& database) {
  constexpr std::string_view kText = "TEXT";
  std::string script;
  for (;;) {
    const std::size_t place = step.find(kText);
    script += step.substr(0, place);
    if (place == std::string_view::npos) return script;
    script += database.text_type();
    step.remove_prefix(place + kText.size());
  }
}

Outcome<std::size_t> version_of(Database& database) {
  auto made =
      database.run_script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
  if (!made) return fail(made);
  std::size_t version = 0;
  auto read = database.query("SELECT version FROM schema_version", {}, [&version](const Row& row) {
    version = static_cast<std::size_t>(row.integer(0));
  });
  if (!read) return fail(read);
  return version;
}

Outcome<void> apply(Database& database, std::size_t step) {
  auto ran = database.run_script(script_of(kSteps[step], database));
  if (!ran) return ran;
  auto cleared = database.run_script("DELETE FROM schema_version");
  if (!cleared) return cleared;
  auto noted = database.execute("INSERT INTO schema_version (version) VALUES ($1)",
                                {static_cast<std::int64_t>(step + 1)});
  if (!noted) return fail(noted);
  return {};
}

// One step, if one is missing; false: none is. The version is read inside the transaction, because
// another process may be at the same work.
Outcome<bool> step_once(Database& database) {
  auto version = version_of(database);
  if (!version) return fail(version);
  if (*version > kSteps.size()) {
    return fail(ErrorKind::refused,
                "the tables of the store are of version " + std::to_string(*version) +
                    ", and this program knows them up to version " + std::to_string(kSteps.size()) +
                    ": run the newer program, or restore a backup from before it");
  }
  if (*version == kSteps.size()) return false;
  auto applied = apply(database, *version);
  if (!applied) return fail(applied);
  return true;
}

}  // namespace

Outcome<void> migrate(Database& database) {
  for (bool more = true; more;) {
    auto begun = database.begin();
    if (!begun) return begun;
    auto stepped = step_once(database);
    auto committed = stepped ? database.commit() : Outcome<void>();
    if (!stepped || !committed) {
      database.roll_back();
      return stepped ? committed : fail(stepped);
    }
    more = *stepped;
  }
  return {};
}

}  // namespace sallyport::store
