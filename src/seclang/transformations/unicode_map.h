// Code points that urlDecodeUni turns into one byte, read from the file that SecUnicodeMapFile
// names: the best fit of each in a code page.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::seclang {

class UnicodeMap {
 public:
  // `text` is the content of the file: code pages, each a line that begins with its number, then
  // pairs "00a1:21" in hex. The error is a sentence.
  [[nodiscard]] static std::expected<std::unique_ptr<const UnicodeMap>, std::string> parse(
      std::string_view text, unsigned code_page);

  // nullopt: the code page has nothing for it.
  [[nodiscard]] std::optional<char> find(unsigned code_point) const {
    if (code_point >= bytes_.size() || bytes_[code_point] < 0) return std::nullopt;
    return static_cast<char>(bytes_[code_point]);
  }

 private:
  UnicodeMap();
  std::array<std::int16_t, 65536> bytes_;  // -1: none
};

}  // namespace sallyport::seclang
