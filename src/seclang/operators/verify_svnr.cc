// @verifySVNR: a number that the regular expression finds is an Austrian social insurance number
// (ten digits, the fourth checks the others). More digits behind them are not looked at.
#include <algorithm>
#include <array>

#include "seclang/operators/number_search.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kDigits = 10;
using Digits = std::array<int, kDigits>;
constexpr Digits kWeights{3, 7, 9, 0, 5, 8, 4, 2, 1, 6};

// ModSecurity's list of numbers that nobody has; it means to hold 8888888888 and 9999999999 too,
// but never gets to them.
bool made_up(const Digits& digits) {
  if (digits == Digits{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) return true;
  if (digits == Digits{1, 2, 3, 4, 5, 6, 7, 8, 9, 0}) return true;
  return digits[0] <= 7 &&
         std::ranges::all_of(digits, [&](int digit) { return digit == digits[0]; });
}

bool svnr(std::string_view found) {
  Digits digits{};
  if (read_digits(found.substr(0, found.find('\0')), digits) != kDigits) return false;
  int sum = 0;
  for (std::size_t i = 0; i < kDigits; ++i) sum += digits[i] * kWeights[i];
  return !made_up(digits) && sum % 11 % 10 == digits[3];
}

}  // namespace

Made make_verify_svnr(const OperatorSource& source) {
  return NumberSearch::make(source, svnr, NumberSearch::Places::also_cut);
}

}  // namespace sallyport::seclang
