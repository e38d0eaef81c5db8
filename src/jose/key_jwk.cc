// Keys from JSON Web Keys (RFC 7517, 7518 section 6, 8037).
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "base/base64url.h"
#include "jose/failure.h"
#include "jose/key_state.h"
#include "jose/secret_bytes.h"

namespace sallyport::jose {
namespace {

using Sentence = std::string;  // empty: nothing is wrong

// What a JWK says about how it may be used, before its numbers are looked at.
struct Usage {
  std::string id;
  AlgorithmSet algorithms = AlgorithmSet::all();
};

bool lists(json::Value operations, std::string_view wanted) {
  return std::ranges::any_of(operations.items(),
                             [wanted](json::Value each) { return each.string() == wanted; });
}

std::expected<Usage, std::string> usage_of(json::Value jwk, Purpose purpose) {
  Usage usage;
  if (const std::optional<json::Value> id = jwk.find("kid")) {
    if (!id->string()) return std::unexpected("Its kid is no string.");
    usage.id = *id->string();
  }
  if (const std::optional<json::Value> use = jwk.find("use"); use && use->string() != "sig") {
    return std::unexpected("Its use is not \"sig\": it is not for signatures.");
  }
  if (const std::optional<json::Value> operations = jwk.find("key_ops")) {
    const std::string_view wanted = purpose == Purpose::sign ? "sign" : "verify";
    if (!lists(*operations, wanted)) {
      return std::unexpected("Its key_ops do not hold \"" + std::string(wanted) + "\".");
    }
  }
  if (const std::optional<json::Value> named = jwk.find("alg")) {
    const std::string_view name = named->string().value_or("");
    const std::optional<Algorithm> algorithm = algorithm_named(name);
    if (!algorithm) {
      return std::unexpected("Its alg, " + quoted(name) +
                             ", is no signature algorithm known here.");
    }
    usage.algorithms = {*algorithm};
  }
  return usage;
}

// The bytes of a base64url member.
std::expected<SecretBytes, std::string> bytes_of(json::Value jwk, std::string_view name) {
  const std::optional<json::Value> member = jwk.find(name);
  if (!member || !member->string()) {
    return std::unexpected("Its " + std::string(name) + " is missing or no string.");
  }
  const std::string_view text = *member->string();
  SecretBytes bytes(base64url_decoded_size(text.size()));
  if (!base64url_decode(text, bytes.chars())) {
    return std::unexpected("Its " + std::string(name) + " is not base64url.");
  }
  return bytes;
}

// What EVP_PKEY_fromdata takes, with the memory behind it.
class Parameters {
 public:
  void add_text(const char* name, std::string_view text) {
    SecretBytes copy(text.size() + 1);  // OpenSSL takes it for a string of C
    std::ranges::copy(text, copy.chars().begin());
    kept_.push_back(std::move(copy));
    list_.push_back(
        OSSL_PARAM_construct_utf8_string(name, kept_.back().chars().data(), text.size()));
  }
  void add_bytes(const char* name, SecretBytes bytes) {
    kept_.push_back(std::move(bytes));
    list_.push_back(
        OSSL_PARAM_construct_octet_string(name, kept_.back().bytes().data(), kept_.back().size()));
  }
  // A number with its most significant byte first.
  void add_number(const char* name, SecretBytes big_endian) {
    if constexpr (std::endian::native == std::endian::little) {
      std::ranges::reverse(big_endian.bytes());
    }
    kept_.push_back(std::move(big_endian));
    list_.push_back(
        OSSL_PARAM_construct_BN(name, kept_.back().bytes().data(), kept_.back().size()));
  }

  // Null: they make no key of that type.
  [[nodiscard]] async::KeyHandle make(const char* type, bool with_private_key) {
    list_.push_back(OSSL_PARAM_construct_end());
    EVP_PKEY* pair = nullptr;
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    if (context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1) {
      EVP_PKEY_fromdata(context.get(), &pair,
                        with_private_key ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, list_.data());
    }
    ERR_clear_error();
    return async::KeyHandle(pair);
  }

 private:
  std::vector<SecretBytes> kept_;
  std::vector<OSSL_PARAM> list_;
};

Sentence add_number(Parameters& parameters, json::Value jwk, std::string_view member,
                    const char* name) {
  std::expected<SecretBytes, std::string> bytes = bytes_of(jwk, member);
  if (!bytes) return std::move(bytes.error());
  if (bytes->size() == 0) return "Its " + std::string(member) + " is empty.";
  parameters.add_number(name, std::move(*bytes));
  return "";
}

using Made = std::expected<async::KeyHandle, std::string>;

Made rsa_key(json::Value jwk, Purpose purpose) {
  struct Number {
    std::string_view member;
    const char* name;
  };
  constexpr Number kPublic[] = {{"n", OSSL_PKEY_PARAM_RSA_N}, {"e", OSSL_PKEY_PARAM_RSA_E}};
  constexpr Number kPrivate[] = {
      {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
      {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
      {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
  Parameters parameters;
  for (const Number& each : kPublic) {
    Sentence wrong = add_number(parameters, jwk, each.member, each.name);
    if (!wrong.empty()) return std::unexpected(std::move(wrong));
  }
  const bool with_private_key = purpose == Purpose::sign;
  if (with_private_key) {
    if (jwk.find("oth")) return std::unexpected("It has more than two primes (oth).");
    for (const Number& each : kPrivate) {
      Sentence wrong = add_number(parameters, jwk, each.member, each.name);
      if (!wrong.empty()) return std::unexpected(std::move(wrong));
    }
  }
  return parameters.make("RSA", with_private_key);
}

struct Curve {
  std::string_view name;  // as JWK and OpenSSL both spell it
  std::size_t size;       // bytes of a coordinate, or of the whole key
};
constexpr Curve kWeierstrass[] = {{"P-256", 32}, {"P-384", 48}, {"P-521", 66}};
constexpr Curve kEdwards[] = {{"Ed25519", 32}, {"Ed448", 57}};

// Null: none of them.
template <std::size_t N>
const Curve* curve_of(json::Value jwk, const Curve (&curves)[N]) {
  const std::optional<json::Value> named = jwk.find("crv");
  const auto found = std::ranges::find_if(
      curves, [&named](const Curve& each) { return named && named->string() == each.name; });
  return found == std::end(curves) ? nullptr : found;
}

std::unexpected<std::string> other_curve() {
  return std::unexpected<std::string>("Its crv is no curve of a signature algorithm known here.");
}

// Bytes of exactly that size, as RFC 7518 section 6.2.1.2 wants them.
std::expected<SecretBytes, std::string> sized_bytes_of(json::Value jwk, std::string_view name,
                                                       std::size_t size) {
  std::expected<SecretBytes, std::string> bytes = bytes_of(jwk, name);
  if (bytes && bytes->size() != size) {
    return std::unexpected("Its " + std::string(name) + " has another size than its curve wants.");
  }
  return bytes;
}

Made ec_key(json::Value jwk, Purpose purpose) {
  const Curve* curve = curve_of(jwk, kWeierstrass);
  if (curve == nullptr) return other_curve();
  std::expected<SecretBytes, std::string> x = sized_bytes_of(jwk, "x", curve->size);
  if (!x) return std::unexpected(std::move(x.error()));
  std::expected<SecretBytes, std::string> y = sized_bytes_of(jwk, "y", curve->size);
  if (!y) return std::unexpected(std::move(y.error()));
  SecretBytes point(1 + 2 * curve->size);
  point.bytes()[0] = 4;  // uncompressed
  std::ranges::copy(x->bytes(), point.bytes().begin() + 1);
  std::ranges::copy(y->bytes(), point.bytes().begin() + 1 + static_cast<long>(curve->size));

  Parameters parameters;
  parameters.add_text(OSSL_PKEY_PARAM_GROUP_NAME, curve->name);
  parameters.add_bytes(OSSL_PKEY_PARAM_PUB_KEY, std::move(point));
  if (purpose == Purpose::sign) {
    std::expected<SecretBytes, std::string> d = sized_bytes_of(jwk, "d", curve->size);
    if (!d) return std::unexpected(std::move(d.error()));
    parameters.add_number(OSSL_PKEY_PARAM_PRIV_KEY, std::move(*d));
  }
  return parameters.make("EC", purpose == Purpose::sign);
}

Made edwards_key(json::Value jwk, Purpose purpose) {
  const Curve* curve = curve_of(jwk, kEdwards);
  if (curve == nullptr) return other_curve();
  std::expected<SecretBytes, std::string> x = sized_bytes_of(jwk, "x", curve->size);
  if (!x) return std::unexpected(std::move(x.error()));
  const char* type = curve == &kEdwards[0] ? "ED25519" : "ED448";
  if (purpose == Purpose::verify) {
    return async::KeyHandle(
        EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, x->bytes().data(), x->size()));
  }
  std::expected<SecretBytes, std::string> d = sized_bytes_of(jwk, "d", curve->size);
  if (!d) return std::unexpected(std::move(d.error()));
  async::KeyHandle pair(
      EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, d->bytes().data(), d->size()));
  // OpenSSL derives the public key and would not miss another one.
  SecretBytes derived(curve->size);
  std::size_t size = derived.size();
  if (pair != nullptr &&
      (EVP_PKEY_get_raw_public_key(pair.get(), derived.bytes().data(), &size) != 1 ||
       derived.text() != x->text())) {
    return std::unexpected("Its x is not the public key of its d.");
  }
  return pair;
}

std::expected<Key, std::string> secret_key(json::Value jwk, Usage usage) {
  std::expected<SecretBytes, std::string> k = bytes_of(jwk, "k");
  if (!k) return std::unexpected(std::move(k.error()));
  return Key::from_secret(k->text(), std::move(usage.id), usage.algorithms);
}

}  // namespace

std::expected<Key, std::string> Key::from_jwk(json::Value jwk, Purpose purpose) {
  if (!jwk.is_object()) return std::unexpected("It is no JSON object.");
  const std::optional<json::Value> type = jwk.find("kty");
  if (!type || !type->string()) return std::unexpected("Its kty is missing or no string.");
  std::expected<Usage, std::string> usage = usage_of(jwk, purpose);
  if (!usage) return std::unexpected(std::move(usage.error()));
  if (type->string() == "oct") return secret_key(jwk, std::move(*usage));

  Made pair = type->string() == "RSA"  ? rsa_key(jwk, purpose)
              : type->string() == "EC" ? ec_key(jwk, purpose)
              : type->string() == "OKP"
                  ? edwards_key(jwk, purpose)
                  : std::unexpected<std::string>("Its kty is not known here.");
  if (!pair) return std::unexpected(std::move(pair.error()));
  if (*pair == nullptr) {
    ERR_clear_error();
    return std::unexpected("Its numbers make no key: out of range, or a point off its curve.");
  }
  return make_key(std::move(*pair), std::move(usage->id), usage->algorithms, purpose);
}

}  // namespace sallyport::jose
