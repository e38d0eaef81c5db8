// Which query parameters and header fields hold secrets, and how a query is written without them.
//
// Decides by name only: a secret in a path segment or under a harmless name is not found here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace sallyport::telemetry {

// Written in place of a secret.
inline constexpr std::string_view kMask = "***";

// Parameters masked without being configured: "token", "access_token", ...
[[nodiscard]] std::span<const std::string_view> default_masked_parameters();

// Immutable after construction, shared by threads. Names are compared without regard to letter
// case, "-", "_", spaces and percent-encoding; of "user[password]" and "user.password" each part
// counts as a name too.
class MaskedNames {
 public:
  MaskedNames() : MaskedNames({}, {}) {}
  // Names beyond the defaults. `headers`: of those the log shows ("user-agent", "referer").
  MaskedNames(const std::vector<std::string>& parameters, const std::vector<std::string>& headers);

  [[nodiscard]] bool masks_parameter(std::string_view name) const;
  [[nodiscard]] bool masks_user_agent() const { return user_agent_; }
  [[nodiscard]] bool masks_referer() const { return referer_; }

  // `query` with the values of masked parameters replaced: itself if there are none, else a copy
  // in `arena`. Both "&" and ";" end a parameter: what a lenient upstream may split must not leak.
  [[nodiscard]] std::string_view mask(std::string_view query, Arena& arena) const;

 private:
  void add(std::string_view name);
  [[nodiscard]] bool has(std::string_view key) const;
  // False: certainly not masked. Only for names of nothing but letters.
  [[nodiscard]] bool may_mask(std::string_view letters) const {
    return letters.size() < 64 && (lengths_[ends_of(letters)] >> letters.size() & 1) != 0;
  }
  // Of its first and last letter, whatever their case.
  [[nodiscard]] static std::size_t ends_of(std::string_view letters) {
    return static_cast<std::size_t>((letters.front() & 31) * 37 + (letters.back() & 31)) & 127;
  }

  std::vector<std::string> table_;  // open addressing; empty: free
  // By `ends_of`: bit n is set if such a key of n letters exists.
  std::array<std::uint64_t, 128> lengths_{};
  bool user_agent_ = false;
  bool referer_ = false;
};

}  // namespace sallyport::telemetry
