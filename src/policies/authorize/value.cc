// See value.h.
#include "policies/authorize/value.h"

#include <charconv>
#include <cmath>
#include <compare>

namespace sallyport::policies::authorize_detail {
namespace {

// Exact, also where no double holds the integer.
std::partial_ordering order_of(std::int64_t a, double b) {
  constexpr double kBeyond = 0x1p63;
  if (b >= kBeyond) return std::partial_ordering::less;
  if (b < -kBeyond) return std::partial_ordering::greater;
  const double whole = std::trunc(b);
  const auto integer = static_cast<std::int64_t>(whole);
  if (a != integer) return a <=> integer;
  return whole <=> b;
}

std::partial_ordering reversed(std::partial_ordering order) { return 0 <=> order; }

// Unordered where the two cannot be compared.
std::partial_ordering order_of(const Value& left, const Value& right) {
  if (const auto* a = std::get_if<std::string_view>(&left)) {
    const auto* b = std::get_if<std::string_view>(&right);
    return b == nullptr ? std::partial_ordering::unordered : *a <=> *b;
  }
  if (const auto* a = std::get_if<std::int64_t>(&left)) {
    if (const auto* b = std::get_if<std::int64_t>(&right)) return *a <=> *b;
    if (const auto* b = std::get_if<double>(&right)) return order_of(*a, *b);
  }
  if (const auto* a = std::get_if<double>(&left)) {
    if (const auto* b = std::get_if<std::int64_t>(&right)) return reversed(order_of(*b, *a));
    if (const auto* b = std::get_if<double>(&right)) return *a <=> *b;
  }
  return std::partial_ordering::unordered;
}

bool is_list(const Value& value) { return value.index() > 4; }

bool equal(const Value& left, const Value& right) {
  if (const auto* a = std::get_if<bool>(&left)) {
    const auto* b = std::get_if<bool>(&right);
    return b != nullptr && *a == *b;
  }
  return order_of(left, right) == std::partial_ordering::equivalent;
}

bool different(const Value& left, const Value& right) {
  const auto* a = std::get_if<bool>(&left);
  const auto* b = std::get_if<bool>(&right);
  if (a != nullptr && b != nullptr) return *a != *b;
  const std::partial_ordering order = order_of(left, right);
  return order == std::partial_ordering::less || order == std::partial_ordering::greater;
}

template <typename List>
bool has_item(const List& list, const Value& item) {
  for (const auto& one : list) {
    if (equal(value_of(one), item)) return true;
  }
  return false;
}

bool has_item(const Value& list, const Value& item) {
  if (const auto* items = std::get_if<json::Items>(&list)) return has_item(*items, item);
  if (const auto* texts = std::get_if<std::span<const std::string_view>>(&list)) {
    return has_item(*texts, item);
  }
  if (const auto* scalars = std::get_if<std::span<const Scalar>>(&list)) {
    return has_item(*scalars, item);
  }
  return equal(list, item);
}

}  // namespace

std::optional<Scalar> parse_number(std::string_view text) {
  const char* const end = text.data() + text.size();
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) {
    std::int64_t integer = 0;
    auto [rest, error] = std::from_chars(text.data(), end, integer);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return integer;
  }
  // from_chars knows words for numbers that are none.
  const bool plain = text.find_first_not_of("-.0123456789") == std::string_view::npos;
  if (!plain || text.ends_with('.') || text.starts_with('.')) return std::nullopt;
  double number = 0;
  auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

Value value_of(json::Value value) {
  switch (value.kind()) {
    case json::Kind::boolean:
      return *value.boolean();
    case json::Kind::integer:
      return *value.integer();
    case json::Kind::number:
      return *value.number();
    case json::Kind::string:
      return *value.string();
    case json::Kind::array:
      return value.items();
    case json::Kind::null:
    case json::Kind::object:
      break;
  }
  return std::monostate();
}

Value value_of(const Scalar& scalar) {
  if (const auto* text = std::get_if<std::string>(&scalar)) return std::string_view(*text);
  if (const auto* truth = std::get_if<bool>(&scalar)) return *truth;
  if (const auto* integer = std::get_if<std::int64_t>(&scalar)) return *integer;
  return std::get<double>(scalar);
}

Value value_of(std::string_view text) {
  if (text.empty()) return std::monostate();
  return text;
}

bool compare(Comparison how, const Value& left, const Value& right) {
  switch (how) {
    case Comparison::equal:
      return equal(left, right);
    case Comparison::not_equal:
      return different(left, right);
    case Comparison::less:
      return order_of(left, right) < 0;
    case Comparison::less_equal:
      return order_of(left, right) <= 0;
    case Comparison::greater:
      return order_of(left, right) > 0;
    case Comparison::greater_equal:
      return order_of(left, right) >= 0;
    case Comparison::in:
      return !is_list(left) && has_item(right, left);
    case Comparison::contains:
      return !is_list(right) && has_item(left, right);
  }
  return false;
}

}  // namespace sallyport::policies::authorize_detail
