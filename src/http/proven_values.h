// Values of a request of which it is known that they cannot be an attack: somebody who knows the
// contract has looked at them and found an integer where one belongs. Later inspection may pass
// them over.
//
// Policies say so, in code; nothing a client sends is read as such a claim. What relies on one
// looks again whether each value of that name has the form that was claimed (`has_form`): a client
// that sends the name twice, or says it in a way others read differently, gains nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"

namespace sallyport::http {

// Where a value stands. Names of headers do not tell case.
enum class Place : std::uint8_t { query, header, cookie, body };

enum class ValueKind : std::uint8_t {
  uuid,     // 8-4-4-4-12 hexadecimal digits
  integer,  // up to 19 digits, perhaps a minus before them
  boolean,  // true, false
  date,     // of RFC 3339: a day, or a day and a time
};

// Whether a text is written as the kind says.
[[nodiscard]] bool has_form(std::string_view text, ValueKind kind);

struct ProvenValue {
  Place place{};
  ValueKind kind{};
  // Decoded. In a body as the rule language names it: the field of a form, or "json.order.id".
  std::string_view name;

  // Whether it speaks of this value. All it asks for it finds in the value itself.
  [[nodiscard]] bool covers(Place where, std::string_view its_name, std::string_view value) const;
};

// All of one request. In its arena; empty it costs nothing.
class ProvenValues {
 public:
  explicit ProvenValues(Arena& arena) : arena_(arena) {}

  // Copies the name.
  void add(Place place, std::string_view name, ValueKind kind) {
    if (size_ == room_) grow();
    values_[size_++] = {.place = place, .kind = kind, .name = arena_.copy(name)};
  }
  [[nodiscard]] std::span<const ProvenValue> all() const { return {values_, size_}; }

 private:
  void grow() {
    constexpr std::size_t kFirst = 8;
    room_ = std::max(kFirst, 2 * room_);
    auto* larger = arena_.array<ProvenValue>(room_);
    std::copy_n(values_, size_, larger);
    values_ = larger;
  }

  Arena& arena_;
  ProvenValue* values_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
};

}  // namespace sallyport::http
