// A secret that two sides hold to tell each other's messages by (HMAC, RFC 2104), for protocols
// other than JOSE: those with rules of their own on how long it has to be.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sallyport::jose {

enum class MacHash : std::uint8_t { sha256, sha512 };

// A code that a message is told by.
struct Mac {
  static constexpr std::size_t kMost = 64;
  std::array<char, kMost> bytes;  // NOLINT(*-member-init): as many as `size` says
  std::size_t size = 0;           // 0: OpenSSL has run out of memory

  [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }
};

// Immutable: any thread may use it. OpenSSL wipes the secret in the end.
class MacKey {
 public:
  // The error is a sentence that holds nothing of the secret.
  [[nodiscard]] static std::expected<MacKey, std::string> make(MacHash hash,
                                                               std::string_view secret);
  MacKey(MacKey&& other) noexcept;
  MacKey& operator=(MacKey&& other) noexcept;
  ~MacKey();

  // Of the message that the pieces are one behind the other.
  [[nodiscard]] Mac of(std::span<const std::string_view> message) const;

 private:
  struct State;
  explicit MacKey(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

[[nodiscard]] constexpr std::size_t size_of(MacHash hash) {
  return hash == MacHash::sha256 ? 32 : 64;
}

// In a time that depends on the length of `right` alone; false for nothing.
[[nodiscard]] bool equal_in_constant_time(std::string_view right, std::string_view given);

}  // namespace sallyport::jose
