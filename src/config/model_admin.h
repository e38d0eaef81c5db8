// What `admin` may say: where the admin listener is, and who may sign in there.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/model_listen.h"
#include "policy/known_certificates.h"
#include "schema/field.h"
#include "schema/types.h"
#include "store/records/admin_role.h"

namespace sallyport::config::model {

// By role, certificates of those who have it.
struct AdminCertificates {
  std::optional<schema::Marked<CertificateOf>> viewer, operate, security, admin;

  static schema::Fields<AdminCertificates> fields();
};

// By role, values of a claim that give it.
struct AdminClaim {
  std::string claim;
  std::vector<std::string> viewer, operate, security, admin;

  static schema::Fields<AdminClaim> fields();
};

struct AdminOidc {
  schema::Marked<std::string> issuer;
  std::vector<std::string> audience;
  schema::Marked<AdminClaim> roles;
  std::optional<schema::FilePath> ca;
  schema::Duration max_age = std::chrono::hours(24);
  schema::Duration leeway = std::chrono::seconds(30);

  static schema::Fields<AdminOidc> fields();
};

struct Admin {
  schema::Marked<schema::HostPort> address{.value = {.host = "127.0.0.1", .port = 9901},
                                           .where = {}};
  std::optional<schema::Marked<Tls>> tls;
  std::optional<schema::Marked<AdminCertificates>> certificates;
  std::optional<schema::Marked<AdminOidc>> oidc;
  schema::Rate rate_limit{.count = 200, .per = std::chrono::seconds(1)};

  static schema::Fields<Admin> fields();
};

}  // namespace sallyport::config::model
