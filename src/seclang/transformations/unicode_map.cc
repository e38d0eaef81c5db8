// Reads the file of SecUnicodeMapFile.
#include "seclang/transformations/unicode_map.h"

#include <charconv>

namespace sallyport::seclang {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The next word, taken off the front of `text`; empty: there is none.
std::string_view take_word(std::string_view& text) {
  std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return text = {};
  text.remove_prefix(begin);
  std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

std::optional<unsigned> number(std::string_view digits, int base) {
  unsigned value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

UnicodeMap::UnicodeMap() {
  bytes_.fill(-1);
  // The full stops of domain names (RFC 3490, section 3.1), in any code page.
  for (unsigned stop : {0x3002U, 0xFF61U, 0xFF0EU, 0x002EU}) bytes_[stop] = '.';
}

std::expected<std::unique_ptr<const UnicodeMap>, std::string> UnicodeMap::parse(
    std::string_view text, unsigned code_page) {
  std::unique_ptr<UnicodeMap> map(new UnicodeMap);  // the constructor is private
  bool found = false;
  bool inside = false;  // among the pairs of the code page
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) {
      if (inside) break;  // the next code page
      found = found || number(word, 10) == code_page;
      continue;
    }
    if (!found) continue;
    inside = true;
    std::optional<unsigned> code_point = number(word.substr(0, colon), 16);
    std::optional<unsigned> best_fit = number(word.substr(colon + 1), 16);
    if (!code_point || !best_fit || *code_point >= map->bytes_.size() || *best_fit > 0xFF) {
      return std::unexpected("'" + std::string(word) +
                             "' is not a pair of a code point and a byte");
    }
    map->bytes_[*code_point] = static_cast<std::int16_t>(*best_fit);
  }
  if (!inside) {
    return std::unexpected("there is no code page " + std::to_string(code_page) + " in it");
  }
  return map;
}

}  // namespace sallyport::seclang
