#include "jose/algorithm.h"

#include <array>

namespace sallyport::jose {
namespace {

struct Row {
  std::string_view name;
  Family family;
  std::uint8_t hash_size;
};

// In the order of the enumeration.
constexpr std::array<Row, kAlgorithms> kRows{{
    {"HS256", Family::hmac, 32},
    {"HS384", Family::hmac, 48},
    {"HS512", Family::hmac, 64},
    {"RS256", Family::rsa_pkcs1, 32},
    {"RS384", Family::rsa_pkcs1, 48},
    {"RS512", Family::rsa_pkcs1, 64},
    {"PS256", Family::rsa_pss, 32},
    {"PS384", Family::rsa_pss, 48},
    {"PS512", Family::rsa_pss, 64},
    {"ES256", Family::ecdsa, 32},
    {"ES384", Family::ecdsa, 48},
    {"ES512", Family::ecdsa, 64},
    {"EdDSA", Family::eddsa, 0},
}};

const Row& row(Algorithm algorithm) { return kRows[static_cast<std::size_t>(algorithm)]; }

}  // namespace

std::string_view name_of(Algorithm algorithm) { return row(algorithm).name; }

std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<Algorithm>(i);
  }
  return std::nullopt;
}

Family family_of(Algorithm algorithm) { return row(algorithm).family; }

std::size_t hash_size(Algorithm algorithm) { return row(algorithm).hash_size; }

std::string to_text(AlgorithmSet set) {
  std::string text;
  set.for_each([&text](Algorithm each) {
    if (!text.empty()) text += ", ";
    text += name_of(each);
  });
  return text.empty() ? "no algorithm" : text;
}

}  // namespace sallyport::jose
