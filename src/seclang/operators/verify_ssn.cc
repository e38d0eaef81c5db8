// @verifySSN: a number that the regular expression finds may be a social security number of the
// United States (nine digits: area, group, serial).
#include <array>

#include "seclang/operators/number_search.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kDigits = 9;

bool ssn(std::string_view found) {
  std::array<int, kDigits + 1> digits{};  // one more than there may be, to see that there are more
  if (read_digits(found, digits) != kDigits) return false;
  auto end = digits.begin() + kDigits;
  auto differ_by = [&](int step) {
    return std::adjacent_find(digits.begin(), end,
                              [step](int a, int b) { return b - a != step; }) == end;
  };
  if (differ_by(0) || differ_by(1)) return false;  // 111-11-1111, 123-45-6789
  int area = digits[0] * 100 + digits[1] * 10 + digits[2];
  int group = digits[3] * 10 + digits[4];
  int serial = digits[5] * 1000 + digits[6] * 100 + digits[7] * 10 + digits[8];
  return area != 0 && area != 666 && area < 740 && group != 0 && serial != 0;
}

}  // namespace

Made make_verify_ssn(const OperatorSource& source) {
  return NumberSearch::make(source, ssn, NumberSearch::Places::also_cut);
}

}  // namespace sallyport::seclang
