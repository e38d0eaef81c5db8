// What the file may say about tokens that the gateway issues.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "jose/algorithm.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::config::model {

struct SigningKeys {
  jose::Algorithm algorithm = jose::Algorithm::es256;
  std::chrono::milliseconds rotation = std::chrono::days(30);

  static schema::Fields<SigningKeys> fields();
};

struct TokenService {
  schema::Marked<std::string> issuer;
  schema::Marked<std::string> path{.value = "/oauth", .where = {}};
  std::vector<std::string> audiences;
  std::chrono::milliseconds lifetime = std::chrono::hours(1);
  SigningKeys keys;
  bool audit_failures = false;

  static schema::Fields<TokenService> fields();
};

}  // namespace sallyport::config::model
