#include "policies/authenticate/token/dpop.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/digest.h"
#include "base/base64url.h"
#include "base/text.h"
#include "jose/jws.h"
#include "policies/authenticate/proof/client_uri.h"
#include "policies/authenticate/proof/replay_memory.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::size_t kMostBytes = 8192;
constexpr std::size_t kMostIdBytes = 256;
constexpr std::chrono::seconds kFuture{5};  // by how much the client's clock may be ahead

Refused refused(std::string why, std::string_view error = "invalid_dpop_proof") {
  return {.why = "DPoP: " + std::move(why), .error = error, .scheme = "DPoP"};
}

jose::AlgorithmSet algorithms() {
  jose::AlgorithmSet set;
  text::for_each_word(kDpopAlgorithms, [&set](std::string_view name) {
    if (auto algorithm = jose::algorithm_named(name)) set.insert(*algorithm);
  });
  return set;
}

// The key in the header, which must be a public one (RFC 9449 section 4.2); nothing otherwise.
std::optional<jose::Key> key_in(std::string_view proof, std::string& why) {
  const std::optional<std::string> header = base64url_decode(proof.substr(0, proof.find('.')));
  const auto document = json::Document::parse(header.value_or(""));
  if (!document) {
    why = "the header is not JSON in base64url";
    return std::nullopt;
  }
  if (document->root().text("typ") != "dpop+jwt") {
    why = "typ is not dpop+jwt";
    return std::nullopt;
  }
  const std::optional<json::Value> jwk = document->find("jwk");
  if (!jwk || !jwk->is_object()) {
    why = "there is no jwk in the header";
    return std::nullopt;
  }
  for (std::string_view secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    if (jwk->find(secret)) {
      why = "the jwk in the header has private members";
      return std::nullopt;
    }
  }
  std::expected<jose::Key, std::string> key = jose::Key::from_jwk(*jwk);
  if (!key) {
    why = key.error();
    return std::nullopt;
  }
  return *std::move(key);
}

// What the proof says about the request and the token; empty: it is right.
std::string_view fault_in(json::Value claims, std::string_view token, const Exchange& x) {
  if (claims.text("htm") != x.request.method) return "htm is not the method";
  if (!is_uri_of(claims.text("htu"), x)) return "htu is not the URI of the request";
  const std::string hash = base64url_encode(async::sha256_bytes(token));
  if (claims.text("ath") != hash) return "ath is not the hash of the token";
  const std::string_view id = claims.text("jti");
  if (id.empty() || id.size() > kMostIdBytes) return "jti is missing or too long";
  return {};
}

// The only one; empty: there is none, or several.
std::string_view proof_in(const Exchange& x) {
  std::string_view proof;
  for (const http::Field& field : x.request.headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), kDpopHeader)) continue;
    if (!proof.empty()) return {};
    proof = text::trim(field.value());
  }
  return proof;
}

}  // namespace

Possession possession_of(std::string_view thumbprint, std::string_view token, Exchange& x,
                         const ProofRules& rules, jose::Time now) {
  const std::string_view proof = proof_in(x);
  if (proof.empty()) return refused("there is no proof, or more than one");
  if (proof.size() > kMostBytes) return refused("the proof is too large");
  std::string why;
  std::optional<jose::Key> key = key_in(proof, why);
  if (!key) return refused(std::move(why));
  // Before anything is computed with a key of the sender's choice.
  if (key->thumbprint() != thumbprint) return refused("the key is not the token's");
  std::vector<jose::Key> keys;
  keys.push_back(std::move(*key));
  static const jose::AlgorithmSet kAllowed = algorithms();
  const auto read = jose::verify_signature(proof, jose::KeySet::of(std::move(keys)),
                                           {.algorithms = kAllowed, .max_size = kMostBytes});
  if (!read) return refused(read.error().sentence);
  const auto claims = json::Document::parse(read->payload);
  if (!claims || !claims->root().is_object()) return refused("the claims are no JSON object");
  const std::string_view fault = fault_in(claims->root(), token, x);
  if (!fault.empty()) return refused(std::string(fault));
  const std::optional<jose::Time> made = jose::time_of(claims->root(), "iat");
  if (!made || *made > now + kFuture) return refused("iat is missing or in the future");
  if (*made + rules.lifetime < now) return refused("the proof is too old");
  if (rules.nonces != nullptr && !rules.nonces->accept(x, claims->root().text("nonce"), now)) {
    return refused("there is no nonce, or none that is good (any more)", "use_dpop_nonce");
  }
  const auto seconds = [](jose::Time time) {
    return std::chrono::ceil<std::chrono::seconds>(time.time_since_epoch()).count();
  };
  switch (ReplayMemory::of_process().remember(x, "dpop", thumbprint, claims->root().text("jti"),
                                              seconds(now), seconds(*made + rules.lifetime) + 1)) {
    case ReplayMemory::Answer::fresh:
      return std::monostate{};
    case ReplayMemory::Answer::seen:
      return refused("the proof was used before");
    case ReplayMemory::Answer::full:
      break;
  }
  return Unavailable{"DPoP: no room to remember proofs"};
}

}  // namespace sallyport::policies::authenticate_detail
