// The JSON serialisations of JWS (RFC 7515 section 7.2).
#include "base/base64url.h"
#include "jose/jws_parts.h"

namespace sallyport::jose {
namespace {

constexpr std::size_t kMostSignatures = 4;

// A string member; nothing when it is missing or something else.
std::optional<std::string_view> text_of(json::Value object, std::string_view name) {
  const std::optional<json::Value> member = object.find(name);
  return member ? member->string() : std::nullopt;
}

std::expected<Signed, Failure> verify_one(json::Value entry, std::string_view payload,
                                          const KeySet& keys, const SignatureRules& rules) {
  const std::optional<std::string_view> header = text_of(entry, "protected");
  const std::optional<std::string_view> signature = text_of(entry, "signature");
  if (!signature) return fail(FailureCode::malformed, "There is no string \"signature\".");
  if (!header) {
    return fail(FailureCode::algorithm_not_allowed,
                "There is no protected header, so the algorithm is not protected either.");
  }
  const std::string input = std::string(*header) + "." + std::string(payload);
  Parts parts{
      .header = *header, .payload = payload, .signature = *signature, .signing_input = input};
  if (const std::optional<json::Value> unprotected = entry.find("header")) {
    if (unprotected->find("crit") || unprotected->find("b64")) {
      return fail(FailureCode::unsupported, "The unprotected header has crit or b64.");
    }
    parts.key_id = text_of(*unprotected, "kid");
  }
  return verify_parts(parts, keys, rules);
}

}  // namespace

std::expected<Signed, Failure> verify_json_signature(std::string_view text, const KeySet& keys,
                                                     const SignatureRules& rules) {
  if (auto fits = check_size(text, rules); !fits) return std::unexpected(fits.error());
  const std::expected<json::Document, std::string> document = json::Document::parse(text);
  if (!document) return fail(FailureCode::malformed, "It cannot be read. " + document.error());
  const std::optional<std::string_view> attached = text_of(document->root(), "payload");
  if (document->find("payload").has_value() == rules.detached_payload.has_value() ||
      attached.has_value() == rules.detached_payload.has_value()) {
    return fail(FailureCode::malformed,
                "The payload has to be either in the JWS, as a string, or beside it.");
  }
  const std::string payload =
      attached ? std::string(*attached) : base64url_encode(*rules.detached_payload);
  const std::optional<json::Value> list = document->find("signatures");
  if (!list) return verify_one(document->root(), payload, keys, rules);
  if (!list->is_array() || list->size() == 0 || list->size() > kMostSignatures ||
      document->find("signature")) {
    return fail(FailureCode::malformed,
                "There have to be one to four signatures, or one in the flattened form.");
  }
  std::expected<Signed, Failure> verified = fail(FailureCode::malformed, "");
  for (json::Value entry : list->items()) {
    verified = verify_one(entry, payload, keys, rules);
    if (verified) break;
  }
  return verified;
}

}  // namespace sallyport::jose
