// RSA keys that are too small, too large or known to be breakable.
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <array>

#include "jose/key_state.h"

namespace sallyport::jose {
namespace {

using Number = std::unique_ptr<BIGNUM, async::FreeWith<BN_free>>;

constexpr int kFewestBits = 2048;
constexpr int kMostBits = 8192;        // what costs more to verify is an attack
constexpr int kMostExponentBits = 64;  // likewise

Number number_of(EVP_PKEY* pair, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(pair, name, &number);
  return Number(number);
}

// Whether `residue` is a power of 65537 modulo `prime`.
bool is_power(unsigned residue, unsigned prime) {
  const unsigned base = 65537U % prime;
  unsigned power = 1;
  do {
    if (power == residue) return true;
    power = power * base % prime;
  } while (power != 1);
  return false;
}

// A library of a widespread smart card chip made primes from powers of 65537 (CVE-2017-15361), and
// so is every residue of the modulus; by chance that happens once in 2^27 keys. The primes are
// those up to 167, as the library used for keys of all sizes.
bool from_weak_generator(const BIGNUM* modulus) {
  constexpr std::array kPrimes{3U,   5U,   7U,   11U,  13U,  17U,  19U,  23U,  29U,  31U,
                               37U,  41U,  43U,  47U,  53U,  59U,  61U,  67U,  71U,  73U,
                               79U,  83U,  89U,  97U,  101U, 103U, 107U, 109U, 113U, 127U,
                               131U, 137U, 139U, 149U, 151U, 157U, 163U, 167U};
  for (unsigned prime : kPrimes) {
    if (!is_power(static_cast<unsigned>(BN_mod_word(modulus, prime)), prime)) return false;
  }
  return true;
}

}  // namespace

std::string weakness_of(EVP_PKEY* pair) {
  const int kind = EVP_PKEY_get_base_id(pair);
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_RSA_PSS) return "";
  const Number modulus = number_of(pair, OSSL_PKEY_PARAM_RSA_N);
  const Number exponent = number_of(pair, OSSL_PKEY_PARAM_RSA_E);
  if (modulus == nullptr || exponent == nullptr) return "The RSA key lacks a number.";
  const int bits = BN_num_bits(modulus.get());
  if (bits < kFewestBits || bits > kMostBits) {
    return "The RSA key has " + std::to_string(bits) + " bits; from " +
           std::to_string(kFewestBits) + " to " + std::to_string(kMostBits) + " are accepted.";
  }
  if (BN_is_odd(exponent.get()) != 1 || BN_is_one(exponent.get()) == 1 ||
      BN_num_bits(exponent.get()) > kMostExponentBits) {
    return "The public exponent of the RSA key is even, 1, or larger than 64 bits.";
  }
  if (from_weak_generator(modulus.get())) {
    return "The RSA key comes from a generator whose keys can be factored (CVE-2017-15361, ROCA).";
  }
  return "";
}

}  // namespace sallyport::jose
