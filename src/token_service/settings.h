// What the token service is told: whose name it issues under, where it answers, what its tokens are
// good for.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jose/algorithm.h"

namespace sallyport::token_service {

// "https://api.example.com:8443/tenant" taken apart.
struct IssuerUrl {
  bool secure = false;  // https
  std::string origin;   // "https://api.example.com:8443"
  std::string host;     // lower case, without port
  std::string path;     // "/tenant"; empty: none
};

// As RFC 8414 section 2 wants it: https (or http and a loopback address), no query, no fragment;
// and in one spelling: a host in lower case, no slash at the end, no empty or dot segments.
// Nothing: it is not, and `why` says what is wrong (lower case, no full stop).
[[nodiscard]] std::optional<IssuerUrl> parse_issuer(std::string_view text, std::string* why);

struct Settings {
  std::string issuer;
  std::string path = "/oauth";          // what the endpoints' paths begin with
  std::vector<std::string> audiences;   // whom tokens may be for; the first where nobody is named
  std::chrono::seconds lifetime{3600};  // the longest of a token
  jose::Algorithm algorithm = jose::Algorithm::es256;
  std::chrono::milliseconds rotation = std::chrono::days(30);  // how long a key signs
  bool audit_failures = false;                                 // sign-ins that fail are recorded
};

// Whether the keys that are published at one time stay few enough for everybody to read.
[[nodiscard]] bool keeps_few_keys(const Settings& settings);

// Where everything is, as URLs and as paths of the issuer's host.
struct Places {
  explicit Places(const Settings& settings);
  [[nodiscard]] std::string url(std::string_view path) const {
    return issuer.origin + std::string(path);
  }
  IssuerUrl issuer;
  std::string token, revocation, jwks;
  std::string metadata;  // RFC 8414 section 3: the well-known part stands in front of the path
  std::string openid;    // OpenID Connect Discovery: behind it
};

}  // namespace sallyport::token_service
