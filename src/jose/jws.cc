#include "jose/jws.h"

#include <array>
#include <optional>

#include "base/base64url.h"
#include "base/json_writer.h"
#include "jose/jws_parts.h"

namespace sallyport::jose {
namespace {

// Of RSA with 8192 bits, the largest keys there are.
constexpr std::size_t kMostSignatureBytes = 1024;

std::optional<Parts> split(std::string_view compact) {
  const std::size_t first = compact.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = compact.find('.', first + 1);
  if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Parts{.header = compact.substr(0, first),
               .payload = compact.substr(first + 1, second - first - 1),
               .signature = compact.substr(second + 1),
               .signing_input = compact.substr(0, second)};
}

// What the header asks for.
struct Asked {
  Algorithm algorithm;
  std::optional<std::string_view> key_id;
};

std::expected<Asked, Failure> asked_by(json::Value header, AlgorithmSet allowed) {
  if (!header.is_object()) return fail(FailureCode::malformed, "The header is no JSON object.");
  for (std::string_view name : {"crit", "b64"}) {
    if (header.find(name)) {
      return fail(FailureCode::unsupported,
                  "The header has " + quoted(name) + ", whose meaning is not understood here.");
    }
  }
  const std::optional<json::Value> alg = header.find("alg");
  if (!alg || !alg->string()) {
    return fail(FailureCode::algorithm_not_allowed, "The header's alg is missing or no string.");
  }
  const std::optional<Algorithm> algorithm = algorithm_named(*alg->string());
  if (!algorithm || !allowed.contains(*algorithm)) {
    return fail(FailureCode::algorithm_not_allowed,
                "The algorithm " + quoted(*alg->string()) + " is not accepted.");
  }
  Asked asked{.algorithm = *algorithm, .key_id = std::nullopt};
  if (const std::optional<json::Value> kid = header.find("kid")) {
    if (!kid->string()) return fail(FailureCode::malformed, "The header's kid is no string.");
    asked.key_id = kid->string();
  }
  return asked;
}

std::unexpected<Failure> no_key_for(const Asked& asked, const Candidates& candidates) {
  const std::string algorithm(name_of(asked.algorithm));
  if (!asked.key_id) {
    return fail(FailureCode::unknown_key,
                "The token names no key, and no key may be used with " + algorithm + ".");
  }
  if (candidates.id_is_known()) {
    return fail(FailureCode::algorithm_not_allowed,
                "The key " + quoted(*asked.key_id) + " may not be used with " + algorithm + ".");
  }
  return fail(FailureCode::unknown_key, "No key has the id " + quoted(*asked.key_id) + ".");
}

}  // namespace

std::expected<void, Failure> check_size(std::string_view text, const SignatureRules& rules) {
  if (text.size() <= rules.max_size) return {};
  return fail(FailureCode::too_large, "The token has " + std::to_string(text.size()) +
                                          " bytes; up to " + std::to_string(rules.max_size) +
                                          " are accepted.");
}

std::expected<Signed, Failure> verify_parts(const Parts& parts, const KeySet& keys,
                                            const SignatureRules& rules) {
  const std::optional<std::string> header_text = base64url_decode(parts.header);
  if (!header_text) return fail(FailureCode::malformed, "The header is not base64url.");
  std::expected<json::Document, std::string> header = json::Document::parse(*header_text);
  if (!header) return fail(FailureCode::malformed, "The header cannot be read. " + header.error());
  std::expected<Asked, Failure> asked = asked_by(header->root(), rules.algorithms);
  if (!asked) return std::unexpected(std::move(asked.error()));
  if (!asked->key_id) asked->key_id = parts.key_id;

  std::array<char, kMostSignatureBytes> bytes;
  const std::optional<std::size_t> size = base64url_decode(parts.signature, bytes);
  if (!size) return fail(FailureCode::malformed, "The signature is not base64url, or too long.");
  const std::string_view signature(bytes.data(), *size);
  std::optional<std::string> payload = base64url_decode(parts.payload);
  if (!payload) return fail(FailureCode::malformed, "The payload is not base64url.");

  const Candidates candidates = keys.find(asked->key_id, asked->algorithm);
  if (candidates.empty()) return no_key_for(*asked, candidates);
  for (const Key* key : candidates) {
    if (key->verify(asked->algorithm, parts.signing_input, signature)) {
      return Signed{.header = std::move(*header),
                    .payload = std::move(*payload),
                    .algorithm = asked->algorithm};
    }
  }
  return fail(FailureCode::bad_signature, "The signature does not verify with the key.");
}

std::expected<Signed, Failure> verify_signature(std::string_view compact, const KeySet& keys,
                                                const SignatureRules& rules) {
  if (auto fits = check_size(compact, rules); !fits) return std::unexpected(fits.error());
  std::optional<Parts> parts = split(compact);
  if (!parts) {
    return fail(FailureCode::malformed, "The token is not three parts with dots between them.");
  }
  if (!rules.detached_payload) return verify_parts(*parts, keys, rules);
  if (!parts->payload.empty()) {
    return fail(FailureCode::malformed, "The payload is in the token, but should be beside it.");
  }
  const std::string payload = base64url_encode(*rules.detached_payload);
  const std::string input = std::string(parts->header) + "." + payload;
  parts->payload = payload;
  parts->signing_input = input;
  return verify_parts(*parts, keys, rules);
}

std::expected<std::string, std::string> sign_compact(const Key& key, Algorithm algorithm,
                                                     std::string_view type,
                                                     std::string_view payload) {
  std::string header;
  JsonWriter json(header);
  json.begin_object().string("alg", name_of(algorithm));
  if (!key.id().empty()) json.string("kid", key.id());
  if (!type.empty()) json.string("typ", type);
  json.end_object();
  std::string token = base64url_encode(header) + "." + base64url_encode(payload);
  std::expected<std::string, std::string> signature = key.sign(algorithm, token);
  if (!signature) return signature;
  return token + "." + base64url_encode(*signature);
}

}  // namespace sallyport::jose
