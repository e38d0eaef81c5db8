// parityEven7bit, parityOdd7bit and parityZero7bit: the eighth bit computed from the other seven,
// or cleared.
#include <bit>

#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// As in ModSecurity: all eight bits are counted, so that a byte of the wrong parity whose eighth
// bit was set gets it anew.
constexpr bool has_odd_bits(char c) { return std::popcount(byte(c)) % 2 != 0; }

constexpr char with_high_bit(char c, bool set) {
  return static_cast<char>(set ? byte(c) | 0x80 : byte(c) & 0x7F);
}

}  // namespace

std::string_view parity_even_7bit(std::string_view in, const TransformContext& context) {
  return map_bytes(in, context, [](char c) { return with_high_bit(c, has_odd_bits(c)); });
}

std::string_view parity_odd_7bit(std::string_view in, const TransformContext& context) {
  return map_bytes(in, context, [](char c) { return with_high_bit(c, !has_odd_bits(c)); });
}

std::string_view parity_zero_7bit(std::string_view in, const TransformContext& context) {
  return map_bytes(in, context, [](char c) { return with_high_bit(c, false); });
}

}  // namespace sallyport::seclang::transform
