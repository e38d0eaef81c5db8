// Structured fields (RFC 9651) as far as signatures need them: dictionaries of items and inner
// lists, of integers, strings, tokens, bytes and booleans.
//
// Stricter than the RFC where two readers could differ: a key that comes twice is refused, and so
// is an integer with a leading zero or bytes that are not padded base64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::http {

struct BareItem {
  enum class Kind : std::uint8_t { integer, string, token, bytes, boolean };
  Kind kind = Kind::boolean;
  std::int64_t integer = 0;  // of a boolean 0 or 1
  // As it stands in the field, which is also how it is to be written: of a string with its quotes,
  // of bytes with their colons.
  std::string_view text;

  // What a string says, or the bytes; nothing when it is of another kind.
  [[nodiscard]] std::optional<std::string> string() const;
  [[nodiscard]] std::optional<std::string> bytes() const;
};

struct Parameter {
  std::string_view name;
  BareItem value;
};

struct FieldItem {
  BareItem value;
  std::vector<Parameter> parameters;
};

struct DictionaryMember {
  std::string_view key;
  bool is_list = false;
  std::vector<FieldItem> items;       // one unless it is a list
  std::vector<Parameter> parameters;  // of the list
};

// Views into `text`. Nothing when it is malformed, or has more than 16 members, 64 items in a list
// or 16 parameters of one.
[[nodiscard]] std::optional<std::vector<DictionaryMember>> parse_dictionary(std::string_view text);

// The parameter of that name, or null.
[[nodiscard]] const BareItem* find_parameter(const std::vector<Parameter>& parameters,
                                             std::string_view name);

// As section 4.1 writes them: `("@method" "@path");created=1`.
void append_parameters(std::string& out, const std::vector<Parameter>& parameters);
void append_item(std::string& out, const FieldItem& item);
void append_list(std::string& out, const DictionaryMember& list);

}  // namespace sallyport::http
