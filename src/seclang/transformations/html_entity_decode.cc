// htmlEntityDecode: numeric entities, and the five named ones that matter to markup. The semicolon
// may be missing, as browsers allow.
#include <limits>
#include <optional>

#include "base/text.h"
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// The low byte of a number. Too large a one is the largest, as strtol has it.
char low_byte(std::string_view digits, unsigned base) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  for (char c : digits) {
    std::uint64_t digit = hex_value(c);
    if (value > (kMost - digit) / base) return static_cast<char>(0xFF);
    value = value * base + digit;
  }
  return static_cast<char>(value);
}

std::optional<char> named(std::string_view name) {
  struct Entity {
    std::string_view name;
    char value;
  };
  static constexpr Entity kEntities[] = {
      {"quot", '"'}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"nbsp", static_cast<char>(0xA0)}};
  for (const Entity& entity : kEntities) {
    if (text::equals_ignoring_case(entity.name, name)) return entity.value;
  }
  return std::nullopt;
}

struct Entity {
  std::size_t size = 1;       // bytes of the value that are dealt with
  std::optional<char> value;  // what they stand for; nullopt: themselves
};

template <typename Class>
std::size_t run_length(std::string_view in, Class is_member) {
  return static_cast<std::size_t>(std::ranges::find_if_not(in, is_member) - in.begin());
}

// `in` begins with '&'.
Entity read_entity(std::string_view in) {
  std::size_t prefix = 1;  // "&", "&#" or "&#x"
  if (in.substr(1).starts_with('#')) prefix = 2;
  if (prefix == 2 && in.size() > 2 && (in[2] | 0x20) == 'x') prefix = 3;
  std::string_view rest = in.substr(prefix);
  std::size_t count = prefix == 3   ? run_length(rest, is_hex)
                      : prefix == 2 ? run_length(rest, is_digit)
                                    : run_length(rest, is_alphanumeric);
  if (count == 0) return {.size = prefix};
  std::string_view word = rest.substr(0, count);
  std::optional<char> value =
      prefix == 1 ? named(word) : std::optional(low_byte(word, prefix == 3 ? 16 : 10));
  bool semicolon = value && rest.substr(count).starts_with(';');
  return {.size = prefix + count + (semicolon ? 1 : 0), .value = value};
}

}  // namespace

std::string_view html_entity_decode(std::string_view in, const TransformContext& context) {
  std::size_t i = in.find('&');
  if (i == std::string_view::npos) return in;
  Output out(context, in.size());
  out.put(in.substr(0, i));
  while (i < in.size()) {
    if (in[i] != '&') {
      out.put(in[i++]);
      continue;
    }
    Entity entity = read_entity(in.substr(i));
    if (entity.value) {
      out.put(*entity.value);
    } else {
      out.put(in.substr(i, entity.size));
    }
    i += entity.size;
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
