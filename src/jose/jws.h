// JSON Web Signature (RFC 7515): whether bytes were signed with one of our keys, whatever they
// mean.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "jose/algorithm.h"
#include "jose/failure.h"
#include "jose/key_set.h"
#include "json/document.h"

namespace sallyport::jose {

struct SignatureRules {
  AlgorithmSet algorithms = AlgorithmSet::all();  // what a key allows is narrowed to these
  std::size_t max_size = 16 * 1024;               // bytes of the whole JWS
  // What was signed, where it is not in the JWS (RFC 7515 appendix F): its payload is then empty.
  std::optional<std::string_view> detached_payload = std::nullopt;
};

// What was signed, and with what.
struct Signed {
  json::Document header;
  std::string payload;
  Algorithm algorithm;
};

// Verifies a compact serialisation (section 7.1). Of the header only `alg` and `kid` are used, and
// they only choose among `keys`: `jwk`, `jku`, `x5u` and `x5c` are not looked at. `crit` is
// refused, for nothing there is understood (section 4.1.11), and so is `b64` (RFC 7797).
[[nodiscard]] std::expected<Signed, Failure> verify_signature(std::string_view compact,
                                                              const KeySet& keys,
                                                              const SignatureRules& rules = {});

// Verifies the flattened or the general JSON serialisation (section 7.2): the first of up to four
// signatures that is good. Its `alg` must be in the protected header; of the unprotected one only
// `kid` is used.
[[nodiscard]] std::expected<Signed, Failure> verify_json_signature(
    std::string_view text, const KeySet& keys, const SignatureRules& rules = {});

// Makes a compact one, with `alg`, the key's `kid` if it has one, and `typ` unless `type` is empty.
[[nodiscard]] std::expected<std::string, std::string> sign_compact(const Key& key,
                                                                   Algorithm algorithm,
                                                                   std::string_view type,
                                                                   std::string_view payload);

}  // namespace sallyport::jose
