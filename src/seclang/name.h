// A name of a collection whose case does not matter, with its hash: names that stand in rules are
// hashed when the rules are loaded.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sallyport::seclang {

// The same for names that differ in the case of letters only (and for a few others).
[[nodiscard]] inline std::size_t hash_of_name(std::string_view name) {
  constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15U;
  constexpr std::uint64_t kLower = 0x2020'2020'2020'2020U;
  std::uint64_t hash = name.size();
  const char* at = name.data();
  std::size_t rest = name.size();
  for (; rest >= 8; at += 8, rest -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = (hash ^ (word | kLower)) * kOdd;
    hash ^= hash >> 32;
  }
  std::uint64_t word = 0;
  if (rest > 0) std::memcpy(&word, at, rest);
  hash = (hash ^ (word | kLower)) * kOdd;
  return hash ^ (hash >> 32);
}

struct Name {
  std::string_view text;
  std::size_t hash = 0;

  template <std::convertible_to<std::string_view> Text>
  Name(const Text& name) : text(name), hash(hash_of_name(text)) {}  // NOLINT(*-explicit-*)
  // Of one whose hash is known.
  [[nodiscard]] static Name hashed(std::string_view name, std::size_t hash) {
    Name made;
    made.text = name;
    made.hash = hash;
    return made;
  }

 private:
  Name() = default;
};

}  // namespace sallyport::seclang
