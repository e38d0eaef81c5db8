// Tokens, keys and key sets from any bytes. Signatures cannot be guessed: only a token that was
// signed here may be found good, and then only as it was signed.
#include <cstdint>

#include "base/base64url.h"
#include "base/fuzzing.h"
#include "jose/jws.h"
#include "jose/token.h"

namespace sallyport::jose {
namespace {

using fuzzing::require;

constexpr Time kNow{std::chrono::seconds(1'700'000'000)};

// A secret is quick; what is before the signature is the same for all.
const KeySet& keys() {
  static const KeySet set = [] {
    std::vector<Key> made;
    made.push_back(Key::from_secret(std::string(64, 's'), "k1").value());
    return KeySet::of(std::move(made));
  }();
  return set;
}

void check_token(std::string_view text) {
  const auto verified = verify(text, keys(), {.any_issuer = true, .any_audience = true}, kNow);
  if (!verified) {
    for (char c : verified.error().sentence) require(c >= ' ' && c <= '~');
    return;
  }
  require(verified->claims().is_object() &&
          verified->expires_at() > kNow - std::chrono::seconds(31));
}

void check_json(std::string_view text) {
  const auto verified = verify_json_signature(text, keys());
  require(verified || !verified.error().sentence.empty());
}

// The bytes as header and claims of a token with a good signature.
void check_signed(std::string_view bytes) {
  const std::size_t half = bytes.find('\n');
  if (half == std::string_view::npos) return;
  const std::string input =
      base64url_encode(bytes.substr(0, half)) + "." + base64url_encode(bytes.substr(half + 1));
  const Key& key = keys().keys()[0];
  const std::string signature = key.sign(Algorithm::hs256, input).value();
  const std::string token = input + "." + base64url_encode(signature);
  const auto verified = verify_signature(token, keys());
  if (verified) require(verified->payload == bytes.substr(half + 1));
  check_token(token);
}

void check_keys(std::string_view text) {
  const auto set = KeySet::from_jwks(text);
  require(set ? !set->keys().empty() : !set.error().empty());
  const auto document = json::Document::parse(text);
  if (!document) return;
  const auto key = Key::from_jwk(document->root());
  if (key) require(!key->algorithms().empty() && !key->verify(Algorithm::es256, "", ""));
}

}  // namespace
}  // namespace sallyport::jose

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const sallyport::fuzzing::ExactCopy exact({reinterpret_cast<const char*>(data) + 1, size - 1});
  switch (data[0] % 4) {
    case 0:
      sallyport::jose::check_token(exact.text());
      break;
    case 1:
      sallyport::jose::check_json(exact.text());
      break;
    case 2:
      sallyport::jose::check_signed(exact.text());
      break;
    default:
      sallyport::jose::check_keys(exact.text());
  }
  return 0;
}
