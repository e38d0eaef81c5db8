// Values that rules compare: claims, parts of the request, and what the configuration says. Typed:
// a number is never a text, and what is missing equals nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "json/document.h"

namespace sallyport::policies::authorize_detail {

// A value the configuration gives.
using Scalar = std::variant<bool, std::int64_t, double, std::string>;

// A decimal number: whole ones of 64 bits with their sign, or with a fraction. No exponents.
[[nodiscard]] std::optional<Scalar> parse_number(std::string_view text);

// A value while a rule is held against a request; lists and texts belong to somebody else.
using Value = std::variant<std::monostate,  // missing
                           bool, std::int64_t, double, std::string_view, json::Items,
                           std::span<const std::string_view>, std::span<const Scalar>>;

// Null and objects count as missing.
[[nodiscard]] Value value_of(json::Value value);
[[nodiscard]] inline Value value_of(const std::optional<json::Value>& value) {
  return value ? value_of(*value) : std::monostate();
}
[[nodiscard]] Value value_of(const Scalar& scalar);
// An empty text counts as missing.
[[nodiscard]] Value value_of(std::string_view text);

enum class Comparison : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,        // the left one is an item of the right one
  contains,  // the right one is an item of the left one
};

// False where one is missing, where the types differ, where a list is compared as a whole, and for
// the order of true and false. Texts are ordered by their bytes. A single value counts as a list of
// one.
[[nodiscard]] bool compare(Comparison how, const Value& left, const Value& right);

}  // namespace sallyport::policies::authorize_detail
