// The admin listener: where it is, whom it lets in, and what must not stand open by mistake.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "config/admin_people.h"
#include "config/building.h"

namespace sallyport::config {
namespace {

using store::AdminRole;

constexpr double kSecondsAtOnce = 10;
constexpr std::chrono::minutes kKeysGood{10};

// A secret that a provider shares with nobody but a client verifies nothing that others say.
jose::AlgorithmSet with_public_keys() {
  jose::AlgorithmSet algorithms = jose::AlgorithmSet::all();
  for (jose::Algorithm each :
       {jose::Algorithm::hs256, jose::Algorithm::hs384, jose::Algorithm::hs512}) {
    algorithms.erase(each);
  }
  return algorithms;
}

void build_certificates(Building& b, const model::AdminCertificates& given, AdminPeople& people) {
  auto add = [&](AdminRole role, const std::optional<schema::Marked<CertificateOf>>& of) {
    if (!of) return;
    (void)people.certificates.add(of->value, std::string(name_of(role)), of->where, b.diagnostics);
  };
  add(AdminRole::viewer, given.viewer);
  add(AdminRole::operate, given.operate);
  add(AdminRole::security, given.security);
  add(AdminRole::admin, given.admin);
}

void build_oidc(Building& b, const model::AdminOidc& given, AdminPeople& people) {
  const std::string& issuer = given.issuer.value;
  if (b.root.token_service && b.root.token_service->value.issuer.value == issuer) {
    b.error(given.issuer.where,
            "the gateway's own token service issues tokens to consumers, not to administrators",
            "Name an OpenID Provider of people, or use admin tokens (`state`).",
            schema::code::kConflict);
    return;
  }
  OidcPeople oidc{.issuer = issuer,
                  .keys = KeySource::of({.jwks_url = {},
                                         .issuer = issuer,
                                         .ca_file = given.ca ? given.ca->resolved : "",
                                         .refresh = kKeysGood}),
                  .expected = {.issuers = {issuer},
                               .audiences = given.audience,
                               .required_claims = {"sub", "iat"},
                               .leeway = std::chrono::ceil<std::chrono::seconds>(given.leeway),
                               .algorithms = with_public_keys()},
                  .max_age = given.max_age,
                  .claim = ClaimPath::dotted(given.roles.value.claim),
                  .claim_is_words = given.roles.value.claim == "scope",
                  .roles = {}};
  if (given.ca) b.files.insert(given.ca->resolved);
  auto add = [&](AdminRole role, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      if (oidc.roles.emplace(value, role).first->second == role) continue;
      b.error(given.roles.where, "'" + value + "' gives two roles", "Give it one.",
              schema::code::kConflict);
    }
  };
  add(AdminRole::viewer, given.roles.value.viewer);
  add(AdminRole::operate, given.roles.value.operate);
  add(AdminRole::security, given.roles.value.security);
  add(AdminRole::admin, given.roles.value.admin);
  people.oidc = std::move(oidc);
}

// False: it would be open to those who must not get in, which is reported.
bool check_reach(Building& b, const model::Admin& admin) {
  const schema::Marked<schema::HostPort>& at = admin.address;
  if (is_loopback(at.value.host)) return true;
  const std::string loopback = "127.0.0.1:" + std::to_string(at.value.port);
  if (!admin.tls) {
    b.error(at.where, "an address that other machines reach needs TLS, and there is none",
            "Add tls: {certificates: [{cert: FILE, key: FILE}]}, or write " + loopback + ".",
            schema::code::kMissingKey);
    return false;
  }
  if (!b.root.state && !admin.certificates && !admin.oidc) {
    b.error(at.where,
            "an address that other machines reach needs somebody who may sign in, and nobody may",
            "Add `state` (for admin tokens), `certificates` or `oidc`, or write " + loopback + ".",
            schema::code::kMissingKey);
    return false;
  }
  return true;
}

}  // namespace

void build_admin(Building& b, Taken& taken) {
  const schema::Marked<OrOff<model::Admin>>& block = b.root.admin;
  if (!b.faults.none_in("admin")) return;
  AdminSettings& out = b.snapshot.admin;
  out.address.clear();
  if (block.value.off) return;
  const model::Admin& admin = block.value.value;
  if (!check_reach(b, admin)) return;

  if (admin.tls) {
    out.secure = true;
    out.tls = build_tls(b, admin.tls->value, admin.tls->where, admin.address.value.host);
  }
  if (admin.certificates && (!admin.tls || admin.tls->value.client_ca.empty())) {
    b.error(admin.certificates->where, "nobody's certificate is verified",
            "Add tls: {client_ca: FILE}, a PEM bundle of the authorities to trust.",
            schema::code::kMissingKey);
  }
  if (admin.certificates || admin.oidc) {
    auto people = std::make_shared<AdminPeople>();
    if (admin.certificates) build_certificates(b, admin.certificates->value, *people);
    if (admin.oidc) build_oidc(b, admin.oidc->value, *people);
    out.people = std::move(people);
  }
  out.requests_per_second = admin.rate_limit.per_second();
  out.most_requests_at_once = std::max(1.0, kSecondsAtOnce * out.requests_per_second);

  const std::vector<async::SocketAddress> addresses = addresses_of(b, admin.address);
  out.address = to_text(admin.address.value);
  if (addresses.empty()) return;
  out.socket_address = addresses.front();
  if (admin.address.value.port != 0) {
    taken.emplace(out.socket_address.text(), "the admin listener");
  }
}

}  // namespace sallyport::config
