// Where a PostgreSQL database is, and as whom it is used.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/types.h"

namespace sallyport::store {

struct PostgresOptions {
  // Names, addresses or folders of Unix sockets, tried in turn until one takes writes.
  std::vector<std::string> hosts;
  std::uint16_t port = 5432;
  std::string database;
  std::string user;
  schema::Secret password;                        // empty: the server asks for none
  std::string schema = "sallyport";               // of the tables: letters, digits and _
  std::string sslmode;                            // of libpq
  std::string ca_file;                            // what certificates of servers are checked with
  bool create = true;                             // tables that are not there yet may be made
  std::chrono::seconds connect_timeout{5};        // for each address
  std::chrono::milliseconds silence{10'000};      // an answer that takes longer does not come
  std::chrono::milliseconds look_interval{1000};  // between looks that nobody asked for

  friend bool operator==(const PostgresOptions& a, const PostgresOptions& b) {
    return a.hosts == b.hosts && a.port == b.port && a.database == b.database && a.user == b.user &&
           a.password.reveal() == b.password.reveal() && a.schema == b.schema &&
           a.sslmode == b.sslmode && a.ca_file == b.ca_file;
  }
};

// "NAME at HOST:PORT", for people.
[[nodiscard]] std::string place_of(const PostgresOptions& options);
// Whether what is said to `host` stays on this machine.
[[nodiscard]] bool is_local_host(std::string_view host);

}  // namespace sallyport::store
