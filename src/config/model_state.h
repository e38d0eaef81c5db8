// What the file may say about what is kept on the disk: where, and under which key.
#pragma once

#include <optional>
#include <string>

#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::config::model {

// One of these.
struct MasterKey {
  std::optional<schema::FilePath> file;
  std::optional<std::string> env;  // name of a variable

  static schema::Fields<MasterKey> fields();
};

struct State {
  schema::Marked<schema::FilePath> path;
  std::optional<schema::Marked<MasterKey>> master_key;
  bool audit_denials = false;

  static schema::Fields<State> fields();
};

}  // namespace sallyport::config::model
