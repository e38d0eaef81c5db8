// Callers known by a user name and a password (RFC 7617). Private to this folder.
#pragma once

#include <chrono>
#include <memory>

#include "policies/authenticate/proof/method.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

struct BasicSettings {
  schema::NamedList<schema::Secret> users;  // hashes of their passwords
  schema::Duration remember = std::chrono::seconds(60);
  bool forward = false;

  static schema::Fields<BasicSettings> fields();
};

// Null: it knows nobody, or a hash is none, and the context heard so.
[[nodiscard]] std::unique_ptr<const Method> make_basic(
    const schema::Marked<BasicSettings>& settings, schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
