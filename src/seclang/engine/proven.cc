#include "seclang/engine/proven.h"

#include <algorithm>
#include <compare>
#include <functional>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

// Names of headers do not tell case.
std::weak_ordering order_of_names(http::Place place, std::string_view a, std::string_view b) {
  if (place != http::Place::header) return a <=> b;
  return std::lexicographical_compare_three_way(
      a.begin(), a.end(), b.begin(), b.end(),
      [](char one, char other) { return text::lower(one) <=> text::lower(other); });
}

std::weak_ordering order_of_fields(const http::ProvenValue& a, const http::ProvenValue& b) {
  const std::weak_ordering places = a.place <=> b.place;
  return places != 0 ? places : order_of_names(a.place, a.name, b.name);
}

bool same_field(const http::ProvenValue& a, const http::ProvenValue& b) {
  return order_of_fields(a, b) == 0;
}

// An empty text may share its address with what follows it.
bool lies_before(std::string_view a, std::string_view b) {
  if (a.data() != b.data()) return std::ranges::less{}(a.data(), b.data());
  return a.size() < b.size();
}

}  // namespace

void Proven::claim(std::span<const http::ProvenValue> claims) {
  claims_.assign(claims.begin(), claims.end());
  std::ranges::sort(claims_, [](const http::ProvenValue& a, const http::ProvenValue& b) {
    const std::weak_ordering fields = order_of_fields(a, b);
    return fields != 0 ? fields < 0 : a.kind < b.kind;
  });
  // Who sends a name many times has it claimed many times.
  const auto again = std::ranges::unique(
      claims_, [](const auto& a, const auto& b) { return a.kind == b.kind && same_field(a, b); });
  claims_.erase(again.begin(), again.end());
}

void Proven::note(http::Place place, const Field& field) {
  if (claims_.empty()) return;
  const http::ProvenValue sought{.place = place, .kind = {}, .name = field.name};
  const auto of_field = std::ranges::equal_range(
      claims_, sought, [](const auto& a, const auto& b) { return order_of_fields(a, b) < 0; });
  auto covers = [&](const http::ProvenValue& claim) {
    return claim.covers(place, field.name, field.value);
  };
  if (!std::ranges::any_of(of_field, covers)) return;
  texts_.push_back(field.value);
  settled_ = false;
}

void Proven::settle() {
  if (settled_) return;
  std::ranges::sort(texts_, lies_before);
  settled_ = true;
}

bool Proven::has(std::string_view text) const {
  return std::ranges::binary_search(texts_, text, lies_before);
}

void Proven::clear() {
  claims_.clear();
  texts_.clear();
  settled_ = true;
}

}  // namespace sallyport::seclang
