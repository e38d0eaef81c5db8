// Colour for people: only on a terminal, and never where NO_COLOR asks for none.
#pragma once

#include <string>
#include <string_view>

#include "cli/cli.h"

namespace sallyport::cli {

class Paint {
 public:
  explicit Paint(const Terminal& terminal);

  [[nodiscard]] std::string bold(std::string_view text) const { return in("1", text); }
  [[nodiscard]] std::string faint(std::string_view text) const { return in("2", text); }
  [[nodiscard]] std::string bad(std::string_view text) const { return in("31", text); }
  [[nodiscard]] std::string good(std::string_view text) const { return in("32", text); }
  [[nodiscard]] std::string warn(std::string_view text) const { return in("33", text); }

 private:
  [[nodiscard]] std::string in(std::string_view code, std::string_view text) const;
  bool on_;
};

// Control characters of what came from elsewhere, made harmless for a terminal.
[[nodiscard]] std::string printable(std::string_view text);

// `text` with spaces behind it up to `width` characters.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

}  // namespace sallyport::cli
