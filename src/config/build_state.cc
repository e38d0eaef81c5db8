// Where state is kept, and that nothing about it travels in the clear without having been said.
#include <algorithm>

#include "config/building.h"
#include "store/database/postgres_options.h"

namespace sallyport::config {
namespace {

// What is used where the file says nothing; also what each mode is called by libpq.
std::string sslmode_of(const model::Postgres& postgres) {
  if (postgres.sslmode) return *postgres.sslmode;
  return std::ranges::all_of(postgres.host, store::is_local_host) ? "prefer" : "verify-full";
}

void check_encryption(Building& b, const schema::Where& where, const model::Postgres& postgres,
                      const std::string& sslmode) {
  const bool local = std::ranges::all_of(postgres.host, store::is_local_host);
  if (sslmode.starts_with("verify") && postgres.ca.empty()) {
    b.error(where, "the server's certificate cannot be verified without `ca`",
            "Name the authority that issued it: ca: FILE.", schema::code::kMissingKey);
  } else if (!local && sslmode == "disable") {
    b.warning(where, "what the store keeps travels to another machine in the clear",
              "Leave `sslmode` out and name the server's authority: ca: FILE.");
  } else if (!local && sslmode == "require") {
    b.warning(where, "this server need not prove who it is: whoever answers is believed",
              "Leave `sslmode` out and name the server's authority: ca: FILE.");
  }
}

store::PostgresOptions postgres_of(Building& b, const schema::Marked<model::Postgres>& marked) {
  const model::Postgres& postgres = marked.value;
  store::PostgresOptions out{.hosts = postgres.host,
                             .port = postgres.port,
                             .database = postgres.database,
                             .user = postgres.user,
                             .password = postgres.password.value_or(schema::Secret()),
                             .schema = postgres.schema,
                             .sslmode = sslmode_of(postgres),
                             .ca_file = postgres.ca.resolved};
  check_encryption(b, marked.where, postgres, out.sslmode);
  return out;
}

}  // namespace

void build_state(Building& b) {
  if (!b.root.state || !b.faults.none_in("state")) return;
  const model::State& state = b.root.state->value;
  StateSettings& out = b.snapshot.state;
  out.path = state.path.value.resolved;
  if (state.master_key) {
    const model::MasterKey& key = state.master_key->value;
    if (key.file) out.key_file = key.file->resolved;
    out.key_variable = key.env.value_or("");
  }
  if (!state.postgres) return;
  if (!state.master_key) {
    b.error(
        state.postgres->where, "several gateways can share a database only with one key",
        "Give all of them the same: master_key: {file: FILE}; `openssl rand -hex 32` makes one.",
        schema::code::kMissingKey);
  }
  out.postgres = postgres_of(b, *state.postgres);
}

}  // namespace sallyport::config
