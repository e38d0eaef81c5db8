// A Database in a schema of its own of a PostgreSQL server, which several nodes share.
//
// Whoever begins a transaction holds an advisory lock until its end, so nodes change the database
// one after the other, and changes are committed in the order of their numbers. Nodes tell each
// other by NOTIFY when there is something to look at; each also looks from time to time, for a
// notification may be lost with its connection.
#pragma once

#include <memory>

#include "store/database/database.h"
#include "store/database/postgres_options.h"

namespace sallyport::store {

// Forgets the variables by which the client library would take settings from the environment that
// the options do not name (PGOPTIONS, PGSERVICE and so on). Before other threads use the
// environment.
void forget_postgres_environment();

// PostgreSQL 14 or later, in UTF-8. A schema that another program uses is refused. Not to be used
// by way of a pool that gives one connection to several clients in turn.
[[nodiscard]] Outcome<std::unique_ptr<Database>> open_postgres(const PostgresOptions& options);

}  // namespace sallyport::store
