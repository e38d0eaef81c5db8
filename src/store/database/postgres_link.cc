// See postgres_link.h.
#include "store/database/postgres_link.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/address.h"
#include "store/database/postgres_database.h"
#include "store/database/postgres_values.h"

namespace sallyport::store {
namespace {

// By the classes and codes of PostgreSQL's appendix A.
ErrorKind kind_of(std::string_view state) {
  if (state == "23505") return ErrorKind::conflict;
  if (state == "23503") return ErrorKind::not_found;
  if (state == "40001" || state == "40P01" || state == "55P03") return ErrorKind::busy;
  if (state == "42501") return ErrorKind::refused;
  if (state.starts_with("22") || state.starts_with("23")) return ErrorKind::invalid;
  // Tables or columns that are not there; data that the server itself finds damaged.
  if (state.starts_with("42") || state.starts_with("3F") || state.starts_with("XX")) {
    return ErrorKind::corrupt;
  }
  return ErrorKind::unavailable;
}

std::string_view advice_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::corrupt:
      return ": its tables are damaged: restore them from a backup";
    case ErrorKind::refused:
      return ": the user must own the schema and its tables";
    default:
      return "";
  }
}

// libpq speaks in lines.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n' || c == '\t' || c == '\r') {
      if (!line.empty() && !line.ends_with(' ')) line += ' ';
    } else {
      line += c;
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string joined(const std::vector<std::string>& hosts) {
  std::string all;
  for (const std::string& host : hosts) all.append(all.empty() ? "" : ",").append(host);
  return all;
}

PGconn* connect(const PostgresOptions& options) {
  const std::string hosts = joined(options.hosts);
  const std::string port = std::to_string(options.port);
  const std::string seconds = std::to_string(options.connect_timeout.count());
  const std::string patience = std::to_string(options.silence.count());
  // What libpq would otherwise look for in the home folder is named so that it finds nothing.
  constexpr const char* kNoFile = "/nonexistent/sallyport";
  const std::array<std::pair<const char*, const char*>, 19> settings{{
      {"host", hosts.c_str()},
      {"port", port.c_str()},
      {"dbname", options.database.c_str()},
      {"user", options.user.c_str()},
      {"password", options.password.reveal().c_str()},
      {"passfile", kNoFile},
      {"sslmode", options.sslmode.c_str()},
      {"sslrootcert", options.ca_file.empty() ? kNoFile : options.ca_file.c_str()},
      {"sslcert", kNoFile},
      {"sslkey", kNoFile},
      {"sslcrl", kNoFile},
      {"gssencmode", "disable"},
      {"connect_timeout", seconds.c_str()},
      {"tcp_user_timeout", patience.c_str()},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"target_session_attrs", "read-write"},
      {"client_encoding", "UTF8"},
      {"fallback_application_name", "sallyport"},
  }};
  std::array<const char*, settings.size() + 1> names{};
  std::array<const char*, settings.size() + 1> values{};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    std::tie(names[i], values[i]) = settings[i];
  }
  return PQconnectdbParams(names.data(), values.data(), 0);
}

}  // namespace

std::string place_of(const PostgresOptions& options) {
  std::string name = options.database + " at ";
  for (const std::string& host : options.hosts) {
    if (&host != options.hosts.data()) name += ", ";
    name += host;
  }
  if (!options.hosts.front().starts_with('/')) name += ":" + std::to_string(options.port);
  return name;
}

bool is_local_host(std::string_view host) {
  if (host.starts_with('/') || host.starts_with('@') || host == "localhost") return true;
  const auto address = net::Address::parse(host);
  return address && address->is_loopback();
}

void forget_postgres_environment() {
  // A configuration may refer to these, and what it says comes first.
  constexpr std::array<std::string_view, 7> kStay = {
      "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT"};
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> known(PQconndefaults(),
                                                                           &PQconninfoFree);
  for (const PQconninfoOption* each = known.get(); each != nullptr && each->keyword != nullptr;
       ++each) {
    if (each->envvar != nullptr && std::ranges::count(kStay, std::string_view(each->envvar)) == 0) {
      ::unsetenv(each->envvar);
    }
  }
  for (const char* name :
       {"PGSERVICEFILE", "PGSYSCONFDIR", "PGREQUIRESSL", "PGDATESTYLE", "PGTZ", "PGGEQO"}) {
    ::unsetenv(name);
  }
}

PostgresLink::PostgresLink(PGconn* connection, const PostgresOptions& options, std::string name)
    : connection_(connection), name_(std::move(name)), silence_(options.silence) {
  // What the server remarks is for nobody here.
  PQsetNoticeProcessor(connection, [](void* /*unused*/, const char* /*message*/) {}, nullptr);
  PQsetnonblocking(connection, 1);
}

Outcome<PostgresLink> PostgresLink::open(const PostgresOptions& options) {
  PostgresLink link(connect(options), options, "the database " + place_of(options));
  PGconn* connection = link.connection_.get();
  if (PQstatus(connection) != CONNECTION_OK) {
    return fail(ErrorKind::unavailable,
                "cannot open " + link.name_ + ": " + one_line(PQerrorMessage(connection)));
  }
  return link;
}

bool PostgresLink::in_transaction() const {
  return connection_ != nullptr && PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
}

std::string_view PostgresLink::parameter(const char* name) const {
  const char* value = connection_ == nullptr ? nullptr : PQparameterStatus(connection_.get(), name);
  return value == nullptr ? "" : value;
}

std::unexpected<Error> PostgresLink::lost(std::string_view why) {
  std::string text = "the connection to " + name_ + " is lost";
  if (!why.empty()) text += ": " + one_line(why);
  connection_.reset();
  return fail(ErrorKind::unavailable, std::move(text));
}

// Until there is something to read, or with `to_send` room to send; false: it took too long.
bool PostgresLink::wait(bool to_send) {
  pollfd wanted{.fd = PQsocket(connection_.get()),
                .events = static_cast<short>(to_send ? POLLIN | POLLOUT : POLLIN),
                .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&wanted, 1, static_cast<int>(silence_.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

Outcome<PostgresLink::Answer> PostgresLink::finish(bool sent, const Database::EachRow& each) {
  PGconn* connection = connection_.get();
  if (!sent) return lost();
  constexpr std::string_view kSilent = "it does not answer";
  for (int left = 0; (left = PQflush(connection)) != 0;) {
    if (left < 0) return lost();
    if (!wait(true)) return lost(kSilent);
    if (PQconsumeInput(connection) == 0) return lost();
  }
  Answer answer;
  std::optional<Error> failed;
  for (;;) {
    while (PQisBusy(connection) != 0) {
      if (!wait(false)) return lost(kSilent);
      if (PQconsumeInput(connection) == 0) return lost();
    }
    const Result result(PQgetResult(connection));
    if (result == nullptr) break;
    switch (PQresultStatus(result.get())) {
      case PGRES_SINGLE_TUPLE:
      case PGRES_TUPLES_OK:
        for (int row = 0; row < PQntuples(result.get()); ++row) {
          each(PostgresRow(result.get(), row));
        }
        [[fallthrough]];
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        answer.tag = PQcmdStatus(result.get());
        answer.changed = text::to_number(PQcmdTuples(result.get())).value_or(0);
        break;
      case PGRES_FATAL_ERROR:
      case PGRES_NONFATAL_ERROR:
      case PGRES_BAD_RESPONSE: {
        if (failed) break;
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        const char* why = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
        // Without a code it is libpq that speaks, of the connection.
        failed = Error{.kind = state == nullptr ? ErrorKind::unavailable : kind_of(state),
                       .text = why == nullptr ? PQresultErrorMessage(result.get()) : why};
        break;
      }
      default:
        return lost("it answers what was not asked");
    }
    if (PQstatus(connection) == CONNECTION_BAD) break;
  }
  if (PQstatus(connection) == CONNECTION_BAD) {
    return lost(failed ? failed->text : std::string(PQerrorMessage(connection)));
  }
  if (failed) {
    return fail(failed->kind,
                name_ + ": " + one_line(failed->text) + std::string(advice_for(failed->kind)));
  }
  return answer;
}

Outcome<std::string> PostgresLink::run(const std::string& sql) {
  if (connection_ == nullptr) return lost("");
  auto answer = finish(PQsendQuery(connection_.get(), sql.c_str()) == 1, [](const Row&) {});
  if (!answer) return fail(answer);
  return std::move(answer->tag);
}

Outcome<std::string> PostgresLink::prepared(std::string_view sql) {
  std::string text(sql);
  const auto known = statements_.find(text);
  if (known != statements_.end()) return known->second;
  std::string name = "s" + std::to_string(statements_.size());
  auto made = finish(PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr) == 1,
                     [](const Row&) {});
  if (!made) return fail(made);
  statements_.emplace(std::move(text), name);
  return name;
}

Outcome<std::uint64_t> PostgresLink::query(std::string_view sql, Database::Values values,
                                           const Database::EachRow& each) {
  if (connection_ == nullptr) return lost("");
  auto name = prepared(sql);
  if (!name) return fail(name);
  const Parameters parameters(values);
  const bool sent =
      PQsendQueryPrepared(connection_.get(), name->c_str(), parameters.count(), parameters.values(),
                          parameters.lengths(), parameters.formats(), kBinaryFormat) == 1;
  // Row by row, so that an answer need not fit into memory twice.
  if (sent) PQsetSingleRowMode(connection_.get());
  auto answer = finish(sent, each);
  if (!answer) return fail(answer);
  return answer->changed;
}

Outcome<bool> PostgresLink::notified() {
  if (connection_ == nullptr) return lost("");
  PGconn* connection = connection_.get();
  if (PQconsumeInput(connection) == 0) return lost();
  bool by_others = false;
  struct Free {
    void operator()(PGnotify* each) const { PQfreemem(each); }
  };
  while (const std::unique_ptr<PGnotify, Free> each{PQnotifies(connection)}) {
    by_others = by_others || each->be_pid != PQbackendPID(connection);
  }
  return by_others;
}

}  // namespace sallyport::store
