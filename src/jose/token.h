// A JSON Web Token (RFC 7519) that was verified, and how one is.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jose/claims.h"
#include "jose/failure.h"
#include "jose/jws.h"
#include "jose/key_set.h"
#include "json/document.h"

namespace sallyport::jose {

// `scope`, or else `scp`: words of a string (RFC 8693 section 4.2) or strings of an array. Texts
// belong to the claims.
[[nodiscard]] std::vector<std::string_view> scopes_of(json::Value claims);

// Owns its header and claims; views of them live as long as the token, moved or not. Immutable.
class Token {
 public:
  [[nodiscard]] json::Value header() const { return header_.root(); }
  // An object.
  [[nodiscard]] json::Value claims() const { return claims_.root(); }
  [[nodiscard]] Algorithm algorithm() const { return algorithm_; }

  // Registered claims; nothing when they are absent.
  [[nodiscard]] std::optional<std::string_view> subject() const { return text("sub"); }
  [[nodiscard]] std::optional<std::string_view> issuer() const { return text("iss"); }
  [[nodiscard]] std::optional<std::string_view> id() const { return text("jti"); }
  [[nodiscard]] std::vector<std::string_view> audiences() const;
  [[nodiscard]] std::optional<Time> expires_at() const { return time_of(claims(), "exp"); }
  [[nodiscard]] std::optional<Time> not_before() const { return time_of(claims(), "nbf"); }
  [[nodiscard]] std::optional<Time> issued_at() const { return time_of(claims(), "iat"); }

  [[nodiscard]] std::vector<std::string_view> scopes() const { return scopes_of(claims()); }

  // What it takes on the heap.
  [[nodiscard]] std::size_t memory() const { return header_.memory() + claims_.memory(); }

 private:
  friend std::expected<Token, Failure> verify(std::string_view, const KeySet&, const Expectations&,
                                              Time);
  Token(json::Document header, json::Document claims, Algorithm algorithm)
      : header_(std::move(header)), claims_(std::move(claims)), algorithm_(algorithm) {}
  [[nodiscard]] std::optional<std::string_view> text(std::string_view claim) const;

  json::Document header_;
  json::Document claims_;
  Algorithm algorithm_;
};

// Verifies the signature, the type and the claims of a token in compact serialisation, in this
// order; claims are not read before the signature is known to be good. No I/O; any thread.
[[nodiscard]] std::expected<Token, Failure> verify(std::string_view compact, const KeySet& keys,
                                                   const Expectations& expected, Time now);

}  // namespace sallyport::jose
