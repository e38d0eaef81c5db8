// The signature algorithms of JOSE (RFC 7518 section 3.1, RFC 8037) that may be used at all. There
// is no value for "none" or for what is not known, so neither can be asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::jose {

enum class Algorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa,
};
inline constexpr std::size_t kAlgorithms = 13;

enum class Family : std::uint8_t { hmac, rsa_pkcs1, rsa_pss, ecdsa, eddsa };

// As it is spelt in `alg`, which is case-sensitive.
[[nodiscard]] std::string_view name_of(Algorithm algorithm);
[[nodiscard]] std::optional<Algorithm> algorithm_named(std::string_view name);
[[nodiscard]] Family family_of(Algorithm algorithm);
// Bytes of the hash (SHA-2); of EdDSA 0, where the curve implies it.
[[nodiscard]] std::size_t hash_size(Algorithm algorithm);

class AlgorithmSet {
 public:
  constexpr AlgorithmSet() = default;
  constexpr AlgorithmSet(std::initializer_list<Algorithm> algorithms) {
    for (Algorithm each : algorithms) insert(each);
  }
  [[nodiscard]] static constexpr AlgorithmSet all() {
    AlgorithmSet set;
    set.bits_ = (1U << kAlgorithms) - 1;
    return set;
  }

  constexpr void insert(Algorithm algorithm) { bits_ |= bit(algorithm); }
  constexpr void erase(Algorithm algorithm) { bits_ &= ~bit(algorithm); }
  [[nodiscard]] constexpr bool contains(Algorithm algorithm) const {
    return (bits_ & bit(algorithm)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr AlgorithmSet intersection(AlgorithmSet other) const {
    AlgorithmSet set;
    set.bits_ = bits_ & other.bits_;
    return set;
  }
  constexpr bool operator==(const AlgorithmSet&) const = default;

  // Calls `each(algorithm)` in the order of the enumeration.
  template <typename Each>
  constexpr void for_each(Each each) const {
    for (std::size_t i = 0; i < kAlgorithms; ++i) {
      if (contains(static_cast<Algorithm>(i))) each(static_cast<Algorithm>(i));
    }
  }

 private:
  static constexpr std::uint32_t bit(Algorithm algorithm) {
    return 1U << static_cast<std::uint32_t>(algorithm);
  }
  std::uint32_t bits_ = 0;
};

// "RS256, RS384"; "no algorithm" of an empty set.
[[nodiscard]] std::string to_text(AlgorithmSet set);

}  // namespace sallyport::jose
