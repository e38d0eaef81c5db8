// For tests only: an issuer's key, tokens signed with it, and blocks of the policy that accept
// them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "jose/jws.h"
#include "policies/policy_fixture.h"

namespace sallyport::testing {

inline std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  text::append_json_escaped(out, text);
  return out + '"';
}

inline const jose::Key& key_of_login() {
  static const jose::Key key = *jose::Key::generate(jose::Algorithm::es256, "one");
  return key;
}

inline std::string keys_of(const jose::Key& key) {
  return R"("keys": {"inline": )" + in_quotes("{\"keys\":[" + key.to_public_jwk() + "]}") + "}";
}

// The block of one method; `more` begins with a comma.
inline std::string jwt(const std::string& more = "", const jose::Key& key = key_of_login(),
                       std::string_view audience = "orders") {
  return R"({"jwt": {"issuer": "https://login", "audience": ")" + std::string(audience) + "\", " +
         keys_of(key) + more + "}}";
}

inline std::int64_t in_seconds(std::int64_t from_now) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
             .count() +
         from_now;
}

inline std::string claims(std::string_view issuer = "https://login",
                          std::string_view audience = "orders",
                          std::int64_t expires = in_seconds(300), const std::string& more = "") {
  return R"({"iss":")" + std::string(issuer) + R"(","aud":")" + std::string(audience) +
         R"(","sub":"u-1","client_id":"app","scope":"orders:read orders:write",)"
         R"("realm":{"roles":["clerk","admin"]},"exp":)" +
         std::to_string(expires) + more + "}";
}

inline std::string signed_with(const jose::Key& key, const std::string& payload,
                               jose::Algorithm algorithm = jose::Algorithm::es256) {
  return *jose::sign_compact(key, algorithm, "JWT", payload);
}

inline std::string good_token() { return signed_with(key_of_login(), claims()); }

inline std::string asked(const PolicyFixture& policy, ExchangeFixture& f,
                         const std::string& token) {
  f.header("Authorization", "Bearer " + token);
  return policy.request(f);
}

}  // namespace sallyport::testing
