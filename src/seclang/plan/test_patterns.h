// Random patterns over a small language, and random texts, for tests that compare engines.
#pragma once

#include <random>
#include <string>
#include <string_view>

namespace sallyport::seclang::test {

// Whether the pattern asks for the beginning or end of the text itself.
inline bool has_ends_of_text(std::string_view pattern) {
  return pattern.contains("\\A") || pattern.contains("\\z") || pattern.contains("\\Z");
}

class PatternMaker {
 public:
  explicit PatternMaker(unsigned seed) : random_(seed) {}
  std::string pattern(int depth) {
    switch (depth <= 0 ? pick(5) : pick(11)) {
      case 0:
        return std::string(1, kLetters[pick(5)]);
      case 1:
        return "[a-c;]";
      case 2:
        return "[^b]";
      case 3:
        return ".";
      case 4:
        return pick(3) == 0 ? "\\b" : "\\w";
      case 5:
        return "(?:" + pattern(depth - 1) + "|" + pattern(depth - 1) + ")";
      case 6:
        return "(?:" + pattern(depth - 1) + "){0,2}";
      case 7:
        return "(?i:" + pattern(depth - 1) + ")?";
      case 8:
        return pick(4) == 0 ? "^" + pattern(depth - 1) : pattern(depth - 1) + "+?$";
      case 9:
        return pick(4) == 0 ? "\\A" + pattern(depth - 1)
                            : pattern(depth - 1) + (pick(2) == 0 ? "\\z" : "\\Z");
      default:
        return pattern(depth - 1) + pattern(depth - 1);
    }
  }
  std::string text(std::string_view letters) {
    std::string out;
    for (unsigned i = pick(9); i > 0; --i)
      out += letters[pick(static_cast<unsigned>(letters.size()))];
    return out;
  }
  unsigned pick(unsigned of) { return static_cast<unsigned>(random_() % of); }

 private:
  static constexpr std::string_view kLetters = "abC;\n";
  std::mt19937 random_;
};

}  // namespace sallyport::seclang::test
