// What the file may say about what is kept on the disk: where, and under which key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::config::model {

// One of these.
struct MasterKey {
  std::optional<schema::FilePath> file;
  std::optional<std::string> env;  // name of a variable

  static schema::Fields<MasterKey> fields();
};

struct Postgres {
  std::vector<std::string> host;
  std::uint16_t port = 5432;
  std::string database = "sallyport";
  std::string user = "sallyport";
  std::optional<schema::Secret> password;
  std::string schema = "sallyport";
  std::optional<std::string> sslmode;
  schema::FilePath ca;

  static schema::Fields<Postgres> fields();
};

struct State {
  schema::Marked<schema::FilePath> path;
  std::optional<schema::Marked<Postgres>> postgres;
  std::optional<schema::Marked<MasterKey>> master_key;
  bool audit_denials = false;

  static schema::Fields<State> fields();
};

}  // namespace sallyport::config::model
