// @verifyCPF: a number that the regular expression finds is a Brazilian tax number (eleven digits,
// the last two check the others). More digits behind them are not looked at.
#include <algorithm>
#include <array>

#include "seclang/operators/number_search.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kDigits = 11;
using Digits = std::array<int, kDigits>;

bool made_up(const Digits& digits) {
  if (std::ranges::all_of(digits, [&](int digit) { return digit == digits[0]; })) return true;
  return digits == Digits{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0};
}

// The digit that checks the first `count`, whose weights go down to 2.
int check_digit(const Digits& digits, std::size_t count) {
  int sum = 0;
  int weight = static_cast<int>(count) + 1;
  for (std::size_t i = 0; i < count; ++i) sum += digits[i] * weight--;
  int rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

bool cpf(std::string_view found) {
  Digits digits{};
  if (read_digits(found.substr(0, found.find('\0')), digits) != kDigits) return false;
  return !made_up(digits) && digits[9] == check_digit(digits, 9) &&
         digits[10] == check_digit(digits, 10);
}

}  // namespace

Made make_verify_cpf(const OperatorSource& source) {
  return NumberSearch::make(source, cpf, NumberSearch::Places::also_cut);
}

}  // namespace sallyport::seclang
