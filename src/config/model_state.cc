// See model_state.h.
#include "config/model_state.h"

#include "config/secrets.h"

namespace sallyport::config::model {

using schema::field;
using schema::Fields;

Fields<MasterKey> MasterKey::fields() {
  Fields<MasterKey> fields{
      field("file", &MasterKey::file,
            "File with 32 random bytes, as hexadecimal digits, in base64 or as they are; not open "
            "to other users of the machine.")
          .example("/etc/sallyport/master.key"),
      field("env", &MasterKey::env,
            "Environment variable with the same as text; it is removed from the environment once "
            "it was read.")
          .check([](const std::string& name) {
            return is_variable_name(name) ? std::string() : "is no name of an environment variable";
          })
          .example("SALLYPORT_MASTER_KEY"),
  };
  return fields.exactly_one_of({"file", "env"});
}

namespace {

constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::size_t kLongestName = 40;  // the server cuts names off at 63 characters

std::string check_schema_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= kLongestName &&
                    name.find_first_not_of(kNameCharacters) == std::string::npos &&
                    !name.starts_with("pg_");
  return good ? "" : "is not made of at most 40 small letters, digits and _";
}

// libpq takes a list of hosts as one text.
std::string check_host(const std::string& host) {
  if (host.empty()) return "is empty";
  return host.find_first_of(", \t\r\n") == std::string::npos ? "" : "is not one host";
}

std::string check_given(const std::string& text) { return text.empty() ? "is empty" : ""; }

}  // namespace

Fields<Postgres> Postgres::fields() {
  return {
      field("host", &Postgres::host,
            "Name or address of the server, or the folder of its Unix socket. Of several, the "
            "first that takes changes is used.")
          .required()
          .or_single()
          .min_items(1)
          .check(check_host)
          .example("db.internal"),
      field("port", &Postgres::port, "Port of the server.").range(1, 65535),
      field("database", &Postgres::database, "Database on the server, in UTF-8.")
          .check(check_given),
      field("user", &Postgres::user, "User of the database, who owns the schema.")
          .check(check_given),
      field("password", &Postgres::password, "Password of the user.")
          .example("${file:/etc/sallyport/postgres.password}"),
      field("schema", &Postgres::schema,
            "Schema for the store alone; it is made if it is not there and the user may.")
          .check(check_schema_name),
      field("sslmode", &Postgres::sslmode,
            "How the server proves who it is: `verify-full` (certificate and name), `verify-ca` "
            "(certificate), `require` (not at all) or `disable` (nothing is encrypted).")
          .one_of({"verify-full", "verify-ca", "require", "disable"})
          .default_text("`verify-full`; on loopback and Unix sockets TLS if the server offers it"),
      field("ca", &Postgres::ca, "PEM bundle of the authorities to trust; needed to verify."),
  };
}

Fields<State> State::fields() {
  Fields<State> fields{
      field("path", &State::path,
            "Folder that is the gateway's own: the store of callers and the audit trail. It is "
            "made if it is not there.")
          .required()
          .example("/var/lib/sallyport"),
      field("postgres", &State::postgres,
            "Keeps the store in a PostgreSQL database, which several gateways share, instead of in "
            "the folder. All of them need the same `master_key`."),
      field("master_key", &State::master_key,
            "The key that secrets are kept under and the audit trail is signed with.")
          .default_text("`master.key` in the folder, made at the first start"),
      field("audit_denials", &State::audit_denials,
            "Whether requests that are refused for who asks (401, 403) are recorded in the audit "
            "trail: a hundred a second, and how many more there were."),
  };
  fields.shorthand("path");
  return fields;
}

}  // namespace sallyport::config::model
