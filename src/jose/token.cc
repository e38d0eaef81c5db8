#include "jose/token.h"

#include "base/text.h"

namespace sallyport::jose {
namespace {

// A string, or those of an array.
std::vector<std::string_view> strings_of(const std::optional<json::Value>& value) {
  std::vector<std::string_view> strings;
  if (!value) return strings;
  if (value->string()) strings.push_back(*value->string());
  for (json::Value item : value->items()) {
    if (item.string()) strings.push_back(*item.string());
  }
  return strings;
}

}  // namespace

std::optional<std::string_view> Token::text(std::string_view claim) const {
  const std::optional<json::Value> value = claims().find(claim);
  return value ? value->string() : std::nullopt;
}

std::vector<std::string_view> Token::audiences() const { return strings_of(claims().find("aud")); }

std::vector<std::string_view> scopes_of(json::Value claims) {
  std::optional<json::Value> claim = claims.find("scope");
  if (!claim) claim = claims.find("scp");
  std::vector<std::string_view> scopes;
  for (std::string_view each : strings_of(claim)) {
    text::for_each_word(each, [&scopes](std::string_view word) { scopes.push_back(word); });
  }
  return scopes;
}

std::expected<Token, Failure> verify(std::string_view compact, const KeySet& keys,
                                     const Expectations& expected, Time now) {
  std::expected<Signed, Failure> jws = verify_signature(
      compact, keys, {.algorithms = expected.algorithms, .max_size = expected.max_size});
  if (!jws) return std::unexpected(std::move(jws.error()));
  if (std::optional<Failure> wrong = check_type(jws->header.root(), expected)) {
    return std::unexpected(std::move(*wrong));
  }
  std::expected<json::Document, std::string> claims = json::Document::parse(jws->payload);
  if (!claims || !claims->root().is_object()) {
    return std::unexpected(Failure{
        .code = FailureCode::malformed,
        .sentence = "The payload is no JSON object." + (claims ? "" : " " + claims.error())});
  }
  if (std::optional<Failure> wrong = check_claims(claims->root(), expected, now)) {
    return std::unexpected(std::move(*wrong));
  }
  return Token(std::move(jws->header), std::move(*claims), jws->algorithm);
}

}  // namespace sallyport::jose
