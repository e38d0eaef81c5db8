// @verifyCC: a number that the regular expression finds has the check digit of a payment card
// (Luhn).
#include "seclang/operators/number_search.h"

namespace sallyport::seclang {
namespace {

// From the right: every second digit counts double, the digits of the double added up.
bool luhn(std::string_view found) {
  int sum = 0;
  bool any = false;
  bool twice = false;
  for (auto c = found.rbegin(); c != found.rend(); ++c) {
    if (*c < '0' || *c > '9') continue;
    int digit = *c - '0';
    if (twice) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
    twice = !twice;
    any = true;
  }
  return any && sum % 10 == 0;
}

}  // namespace

Made make_verify_cc(const OperatorSource& source) {
  return NumberSearch::make(source, luhn, NumberSearch::Places::as_written);
}

}  // namespace sallyport::seclang
