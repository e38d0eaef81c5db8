// Numbers with check digits (@verifyCC and its kind): a regular expression says where they may
// stand, a function says whether what it found is one. Internal to this folder.
#pragma once

#include <array>
#include <optional>

#include "seclang/operators/factories.h"
#include "seclang/regex.h"

namespace sallyport::seclang {

class NumberSearch final : public Operator {
 public:
  using Verify = bool (*)(std::string_view found);
  // The places that the pattern is tried at. `as_written`: everywhere in the value. `also_cut`:
  // also at each place as if the value began there, so that ^ and \b hold in the middle of digits.
  enum class Places : std::uint8_t { as_written, also_cut };

  [[nodiscard]] static Made make(const OperatorSource& source, Verify verify, Places places);
  bool evaluate(std::string_view value, Evaluation& evaluation) const override;

 private:
  NumberSearch(Regex pattern, std::optional<Regex> at_start, Verify verify);
  [[nodiscard]] bool search(std::string_view value, Evaluation& evaluation) const;
  [[nodiscard]] bool search_cut(std::string_view value, Evaluation& evaluation) const;

  Regex pattern_;
  std::optional<Regex> at_start_;  // the same, but only where the subject begins
  Verify verify_;
};

// The first `most` decimal digits of `text`, as numbers; their count.
template <std::size_t kMost>
std::size_t read_digits(std::string_view text, std::array<int, kMost>& digits) {
  std::size_t count = 0;
  for (char c : text) {
    if (c < '0' || c > '9') continue;
    if (count == kMost) return kMost;
    digits[count++] = c - '0';
  }
  return count;
}

}  // namespace sallyport::seclang
