// From PCRE's notation to a tree. What is not certainly understood is refused: a pattern that is
// refused is only slower, one that is misread would let attacks pass.
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "seclang/plan/pattern_node.h"

namespace sallyport::seclang {

class PatternParser {
 public:
  using Node = PatternTree::Node;
  using Tree = std::unique_ptr<Node>;

  explicit PatternParser(std::string_view text) : text_(text) {}

  // Null: refused.
  Tree parse() {
    Tree tree = choice();
    return ok_ && at_ == text_.size() ? std::move(tree) : nullptr;
  }

 private:
  static constexpr int kDeepest = 200;
  static constexpr unsigned kMostRepeats = 65'535;

  [[nodiscard]] bool end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  Tree refuse() {
    ok_ = false;
    return Node::make(Node::Kind::empty);
  }

  Tree choice() {
    if (++depth_ > kDeepest) return refuse();
    const bool caseless = caseless_;  // an option set inside a group ends with it
    Tree all = Node::make(Node::Kind::choice);
    do {
      all->children.push_back(sequence());
    } while (ok_ && take("|"));
    caseless_ = caseless;
    --depth_;
    if (all->children.size() == 1) return std::move(all->children.front());
    return all;
  }

  Tree sequence() {
    Tree all = Node::make(Node::Kind::sequence);
    while (ok_ && !end() && peek() != '|' && peek() != ')') {
      if (Tree item = repeated(); item != nullptr) all->children.push_back(std::move(item));
    }
    if (all->children.size() == 1) return std::move(all->children.front());
    if (all->children.empty()) return Node::make(Node::Kind::empty);
    return all;
  }

  // Null: an option setting, which is nothing by itself.
  Tree repeated() {
    Tree item = atom();
    while (ok_ && item != nullptr && !end()) {
      unsigned least = 0;
      unsigned most = 0;
      if (take("*")) {
        most = Node::kNoLimit;
      } else if (take("+")) {
        least = 1;
        most = Node::kNoLimit;
      } else if (take("?")) {
        most = 1;
      } else if (!(peek() == '{' && counts(least, most))) {
        if (counts_elsewhere()) return refuse();
        break;
      }
      if (item->kind == Node::Kind::assertion) return refuse();
      Tree repeat = Node::make(Node::Kind::repeat);
      repeat->least = least;
      repeat->most = most;
      repeat->lazy = take("?");
      // A possessive one matches less than the same greedy one; to be asked for more is no harm.
      if (!repeat->lazy) take("+");
      repeat->children.push_back(std::move(item));
      item = std::move(repeat);
    }
    return item;
  }

  // {n} {n,} {n,m}; anything else in braces is literal.
  bool counts(unsigned& least, unsigned& most) {
    std::size_t close = text_.find('}', at_);
    if (close == std::string_view::npos) return false;
    std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
    const char* stop = inside.data() + inside.size();
    auto [first_end, first_error] = std::from_chars(inside.data(), stop, least);
    if (first_error != std::errc{} || least > kMostRepeats) return false;
    if (first_end == stop) {
      most = least;
    } else {
      if (*first_end != ',') return false;
      const char* second = first_end + 1;
      if (second == stop) {
        most = Node::kNoLimit;
      } else {
        auto [second_end, second_error] = std::from_chars(second, stop, most);
        if (second_error != std::errc{} || second_end != stop || most > kMostRepeats ||
            most < least) {
          return false;
        }
      }
    }
    at_ = close + 1;
    return true;
  }

  // What is literal to one version of PCRE2 and a number of times to another: {,3} and { 1, 3 }.
  [[nodiscard]] bool counts_elsewhere() const {
    if (peek() != '{') return false;
    const std::size_t stop = text_.find_first_not_of("0123456789, \t", at_ + 1);
    return stop != std::string_view::npos && text_[stop] == '}' && stop > at_ + 1;
  }

  Tree bytes(const ByteSet& set) {
    Tree node = Node::make(Node::Kind::bytes);
    node->set = caseless_ ? both_cases(set) : set;
    return node;
  }
  Tree one(unsigned char byte) {
    ByteSet set;
    set.set(byte);
    return bytes(set);
  }
  Tree assertion(char which) {
    Tree node = Node::make(Node::Kind::assertion);
    node->assertion = which;
    return node;
  }

  static ByteSet both_cases(ByteSet set) {
    for (unsigned upper = 'A'; upper <= 'Z'; ++upper) {
      const unsigned lower = upper + ('a' - 'A');
      if (set.test(upper) || set.test(lower)) set.set(upper).set(lower);
    }
    return set;
  }

  Tree atom() {
    const char c = text_[at_++];
    switch (c) {
      case '(':
        return group();
      case '[':
        return byte_class();
      case '.':
        return bytes(ByteSet{}.set());
      case '^':
      case '$':
        return assertion(c);
      case '\\':
        return escape();
      case '*':
      case '+':
      case '?':
        return refuse();
      default:
        return one(static_cast<unsigned char>(c));
    }
  }

  Tree group() {
    if (take("?")) {
      if (take("P<") || (peek() == '<' && peek(1) != '=' && peek(1) != '!' && take("<"))) {
        std::size_t close = text_.find('>', at_);
        if (close == std::string_view::npos) return refuse();
        at_ = close + 1;
      } else if (take(">")) {  // atomic: as with possessive repetition
      } else if (!take(":")) {
        return options();
      }
    } else if (peek() == '*') {
      return refuse();  // a verb
    }
    Tree inside = choice();
    return take(")") ? std::move(inside) : refuse();
  }

  // (?i) for the rest of the group, (?i:...) for its own.
  Tree options() {
    bool on = true;
    bool caseless = caseless_;
    for (;; ++at_) {
      switch (peek()) {
        case '-':
          on = false;
          break;
        case 'i':
          caseless = on;
          break;
        case 's':
        case 'm':
          if (!on) return refuse();  // they are on everywhere
          break;
        case ')':
          ++at_;
          caseless_ = caseless;
          return nullptr;
        case ':': {
          ++at_;
          const bool outside = std::exchange(caseless_, caseless);
          Tree inside = choice();
          caseless_ = outside;
          return take(")") ? std::move(inside) : refuse();
        }
        default:
          return refuse();
      }
    }
  }

  static ByteSet range(unsigned first, unsigned last) {
    ByteSet set;
    for (unsigned byte = first; byte <= last; ++byte) set.set(byte);
    return set;
  }
  static ByteSet of(std::string_view members) {
    ByteSet set;
    for (char c : members) set.set(static_cast<unsigned char>(c));
    return set;
  }
  static ByteSet digits() { return range('0', '9'); }
  static ByteSet letters() { return range('A', 'Z') | range('a', 'z'); }
  static ByteSet word() { return digits() | letters() | of("_"); }
  static ByteSet space() { return range('\t', '\r') | of(" "); }

  // What \d, \W and the like stand for.
  static std::optional<ByteSet> shorthand(char c) {
    switch (c) {
      case 'd':
        return digits();
      case 'D':
        return ~digits();
      case 'w':
        return word();
      case 'W':
        return ~word();
      case 's':
        return space();
      case 'S':
        return ~space();
      case 'h':
        return of("\t \xA0");
      case 'H':
        return ~of("\t \xA0");
      case 'v':
        return range('\n', '\r') | of("\x85");
      case 'V':
        return ~(range('\n', '\r') | of("\x85"));
      case 'N':
        return ~of("\n");
      default:
        return std::nullopt;
    }
  }

  // The byte that an escape behind the backslash at at_-1 stands for.
  std::optional<unsigned char> escaped_byte() {
    if (end()) return std::nullopt;
    const char c = text_[at_++];
    switch (c) {
      case 'a':
        return 0x07;
      case 'e':
        return 0x1B;
      case 'f':
        return 0x0C;
      case 'n':
        return 0x0A;
      case 'r':
        return 0x0D;
      case 't':
        return 0x09;
      case 'x':
        return hexadecimal();
      case '0': {
        unsigned value = 0;
        for (int i = 0; i < 2 && peek() >= '0' && peek() <= '7'; ++i) {
          value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
        }
        return static_cast<unsigned char>(value);
      }
      default:
        if (letters().test(static_cast<unsigned char>(c)) ||
            digits().test(static_cast<unsigned char>(c))) {
          return std::nullopt;
        }
        return static_cast<unsigned char>(c);
    }
  }

  std::optional<unsigned char> hexadecimal() {
    const bool braces = take("{");
    std::size_t size = 0;
    const std::size_t most = braces ? 8 : 2;
    while (size < most && std::isxdigit(static_cast<unsigned char>(peek(size))) != 0) ++size;
    unsigned value = 0;
    std::from_chars(text_.data() + at_, text_.data() + at_ + size, value, 16);
    at_ += size;
    if ((braces && (!take("}") || size == 0)) || value > 255) return std::nullopt;
    return static_cast<unsigned char>(value);
  }

  Tree escape() {
    const char c = peek();
    if (std::optional<ByteSet> set = shorthand(c)) {
      ++at_;
      return bytes(*set);
    }
    if (c == 'b' || c == 'B') {
      ++at_;
      return assertion(c);
    }
    // Texts are scanned one behind the other, a line feed behind each: where one begins and ends, a
    // line does. To be asked for more is no harm.
    if (c == 'A' || c == 'z' || c == 'Z') {
      ++at_;
      return assertion(c == 'A' ? '^' : '$');
    }
    if (c == 'Q') {
      ++at_;
      std::size_t close = text_.find("\\E", at_);
      std::string_view literal = text_.substr(at_, close - at_);
      at_ = close == std::string_view::npos ? text_.size() : close + 2;
      // A repetition behind it would belong to its last byte only.
      if (!end() && (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{')) {
        return refuse();
      }
      Tree all = Node::make(Node::Kind::sequence);
      for (char each : literal) all->children.push_back(one(static_cast<unsigned char>(each)));
      return all;
    }
    std::optional<unsigned char> byte = escaped_byte();
    return byte ? one(*byte) : refuse();
  }

  std::optional<ByteSet> posix_class() {
    const bool negated = take("^");
    static const std::array<std::pair<std::string_view, ByteSet>, 14> kClasses = {{
        {"alnum", digits() | letters()},
        {"alpha", letters()},
        {"ascii", range(0, 127)},
        {"blank", of("\t ")},
        {"cntrl", range(0, 31) | range(127, 127)},
        {"digit", digits()},
        {"graph", range(33, 126)},
        {"lower", range('a', 'z')},
        {"print", range(32, 126)},
        {"punct", range(33, 126) & ~(digits() | letters())},
        {"space", space()},
        {"upper", range('A', 'Z')},
        {"word", word()},
        {"xdigit", digits() | range('a', 'f') | range('A', 'F')},
    }};
    for (const auto& [name, set] : kClasses) {
      if (take(name)) {
        if (!take(":]")) return std::nullopt;
        return negated ? ~set : set;
      }
    }
    return std::nullopt;
  }

  Tree byte_class() {
    const bool negated = take("^");
    ByteSet set;
    bool first = true;
    for (;; first = false) {
      if (end()) return refuse();
      if (peek() == ']' && !first) break;
      if (take("[:")) {
        std::optional<ByteSet> found = posix_class();
        if (!found) return refuse();
        set |= *found;
        continue;
      }
      if (peek() == '[' && (peek(1) == '.' || peek(1) == '=')) return refuse();
      std::optional<unsigned char> low;
      if (!class_member(set, low)) return refuse();
      if (!low) continue;  // a shorthand, taken as a whole
      if (peek() == '-' && peek(1) != ']' && at_ + 1 < text_.size()) {
        ++at_;
        ByteSet ignored;
        std::optional<unsigned char> high;
        // A shorthand as the end of a range makes the dash literal; rare enough to refuse.
        if (peek() == '[' && peek(1) == ':') return refuse();
        if (!class_member(ignored, high) || !high || *high < *low) return refuse();
        set |= range(*low, *high);
      } else {
        set.set(*low);
      }
    }
    ++at_;
    if (caseless_) set = both_cases(set);  // before it is turned round
    Tree node = Node::make(Node::Kind::bytes);
    node->set = negated ? ~set : set;
    return node;
  }

  // One member: a byte, or a shorthand that goes into `set` at once. False: not understood.
  bool class_member(ByteSet& set, std::optional<unsigned char>& byte) {
    const char c = text_[at_++];
    if (c != '\\') {
      byte = static_cast<unsigned char>(c);
      return true;
    }
    if (peek() == 'b') {
      ++at_;
      byte = 0x08;
      return true;
    }
    if (peek() == 'N' || peek() == 'Q' || peek() == 'E') return false;
    if (std::optional<ByteSet> found = shorthand(peek())) {
      ++at_;
      set |= *found;
      // "\d-x": the dash is literal then, as in PCRE.
      if (peek() == '-' && peek(1) != ']') {
        ++at_;
        set.set('-');
      }
      return true;
    }
    // In a class digits behind a backslash are octal, never a reference.
    if (peek() >= '1' && peek() <= '7') {
      unsigned value = 0;
      for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i) {
        value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
      }
      if (value > 255) return false;
      byte = static_cast<unsigned char>(value);
      return true;
    }
    byte = escaped_byte();
    return byte.has_value();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool ok_ = true;
  bool caseless_ = false;
};

std::optional<PatternTree> PatternTree::parse(std::string_view text) {
  std::unique_ptr<Node> tree = PatternParser(text).parse();
  if (tree == nullptr) return std::nullopt;
  return PatternTree(std::move(tree));
}

}  // namespace sallyport::seclang
