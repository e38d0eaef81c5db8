// Passwords as they are kept: scrypt (RFC 7914) in the PHC string format,
// "$scrypt$ln=15,r=8,p=3$SALT$HASH", base64 without padding.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "store/encoding.h"

namespace sallyport::store {

// Immutable; any thread.
class PasswordHash {
 public:
  // What one verification costs.
  struct Cost {
    std::uint32_t log_n = 15;
    std::uint32_t r = 8;
    std::uint32_t p = 3;
    friend bool operator==(const Cost&, const Cost&) = default;
  };
  // More than that (memory: 128 * r * 2^log_n bytes) is refused: whoever logs in must not be able
  // to take the machine's memory.
  static constexpr std::uint64_t kMostMemory = 128ULL << 20;
  static constexpr std::uint32_t kMostParallel = 16;

  // The error is what is wrong (lower case, no full stop) and quotes nothing of the text.
  [[nodiscard]] static std::expected<PasswordHash, std::string> parse(std::string_view text);
  // With a salt of its own. A tenth of a second or more.
  [[nodiscard]] static PasswordHash of(std::string_view password, const Cost& cost);
  [[nodiscard]] static PasswordHash of(std::string_view password) { return of(password, Cost{}); }
  // That no password has, at the price of one that some password has.
  [[nodiscard]] static PasswordHash of_nobody(const Cost& cost);

  // Takes as long as the hash says, whatever the answer: not on a worker. False also where there is
  // not enough memory.
  [[nodiscard]] bool matches(std::string_view password) const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const Cost& cost() const { return cost_; }

 private:
  PasswordHash() = default;
  [[nodiscard]] bool derive(std::string_view password, Hash& out) const;

  Cost cost_;
  std::string salt_;
  Hash hash_{};
};

}  // namespace sallyport::store
