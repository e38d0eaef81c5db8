// A regular expression taken apart: what the planner must know about a pattern before it gives it
// to a scanner for many patterns at once.
//
// Understands the regular part of PCRE's language (no look-around, no backreferences), as the
// engine compiles it: dot matches everything, ^ and $ match at lines. Bytes, not characters.
#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::seclang {

using ByteSet = std::bitset<256>;

class PatternTree {
 public:
  // Nullopt: the pattern uses something that is not regular, or is no pattern at all.
  [[nodiscard]] static std::optional<PatternTree> parse(std::string_view text);

  PatternTree(PatternTree&&) noexcept;
  PatternTree& operator=(PatternTree&&) noexcept;
  ~PatternTree();

  // The pattern that matches exactly where this one does in texts of these bytes only: every class
  // is cut down to them, and what cannot match any more is dropped. Nullopt: nothing can match.
  [[nodiscard]] std::optional<PatternTree> within(const ByteSet& alphabet) const;

  // Without flags, for any engine that takes PCRE's notation; matches the same texts.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] std::size_t nodes() const;  // a measure of its size, repetitions counted out

 private:
  struct Node;
  friend class PatternParser;
  friend class Automaton;
  explicit PatternTree(std::unique_ptr<Node> root);
  static std::unique_ptr<Node> cut(const Node& node, const ByteSet& alphabet);
  static void write(const Node& node, std::string& out);
  static std::size_t size_of(const Node& node);
  std::unique_ptr<Node> root_;
};

}  // namespace sallyport::seclang
