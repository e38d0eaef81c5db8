// One connection to a PostgreSQL server: statements go out, answers come in, and neither may take
// for ever. For one thread at a time, which waits.
//
// Once the connection is lost every call fails with `unavailable`; a new one takes a new object.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/database/database.h"
#include "store/database/postgres_options.h"

namespace sallyport::store {

class PostgresLink {
 public:
  [[nodiscard]] static Outcome<PostgresLink> open(const PostgresOptions& options);

  // Runs statements without values, in one message; the last one's tag, such as "COMMIT".
  [[nodiscard]] Outcome<std::string> run(const std::string& sql);
  // Runs one statement, which the server keeps prepared; how many rows it changed.
  [[nodiscard]] Outcome<std::uint64_t> query(std::string_view sql, Database::Values values,
                                             const Database::EachRow& each);

  // Whether another connection has notified the channel listened to, without waiting.
  [[nodiscard]] Outcome<bool> notified();
  [[nodiscard]] bool in_transaction() const;
  // What the server says of itself, such as "server_encoding"; empty: nothing.
  [[nodiscard]] std::string_view parameter(const char* name) const;

  // As 150018 for 15.18.
  [[nodiscard]] int server_version() const { return PQserverVersion(connection_.get()); }

  // "the database NAME at HOST", for messages.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;
  struct Answer {
    std::string tag;
    std::uint64_t changed = 0;
  };

  PostgresLink(PGconn* connection, const PostgresOptions& options, std::string name);
  [[nodiscard]] Outcome<std::string> prepared(std::string_view sql);
  // What was sent goes out; the answers come in.
  [[nodiscard]] Outcome<Answer> finish(bool sent, const Database::EachRow& each);
  [[nodiscard]] bool wait(bool to_send);
  [[nodiscard]] std::unexpected<Error> lost(std::string_view why);
  [[nodiscard]] std::unexpected<Error> lost() { return lost(PQerrorMessage(connection_.get())); }

  std::unique_ptr<PGconn, Finish> connection_;  // null: lost
  std::string name_;
  std::chrono::milliseconds silence_;
  std::unordered_map<std::string, std::string> statements_;  // names, by text
};

}  // namespace sallyport::store
