// The public name of a record: 80 random bits, written as 16 letters and digits (base32, RFC 4648,
// upper case). It says nothing about the record and cannot be guessed, but it is no secret.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::store {

class PublicId {
 public:
  static constexpr std::size_t kTextSize = 16;

  PublicId() = default;  // all zeros, the id of nothing
  [[nodiscard]] static PublicId random();
  // Exactly the text that text() writes.
  [[nodiscard]] static std::optional<PublicId> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const std::array<std::uint8_t, 10>& bytes() const { return bytes_; }

  // The bits are random already.
  [[nodiscard]] std::uint64_t hash() const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data(), sizeof value);
    return value;
  }
  friend bool operator==(const PublicId&, const PublicId&) = default;

 private:
  std::array<std::uint8_t, 10> bytes_{};
};

}  // namespace sallyport::store
