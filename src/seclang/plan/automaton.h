// Finds which of several patterns stand in a text, in one pass: a deterministic automaton whose
// states are made when a text needs them, and kept.
//
// For the few patterns that are too large for the scanner of many patterns. What a text may cost
// grows with its length only, whatever it is: one that needs too many new states is given up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seclang/characters.h"
#include "seclang/plan/pattern_tree.h"

namespace sallyport::seclang {

class Automaton {
 public:
  class States;

  // Immutable once all patterns are added; any thread may scan, with states of its own.
  Automaton();
  ~Automaton();
  Automaton(const Automaton&) = delete;
  Automaton& operator=(const Automaton&) = delete;

  // Patterns are numbered in the order they are added. False: it is too large even for this.
  [[nodiscard]] bool add(const PatternTree& pattern);
  [[nodiscard]] std::size_t patterns() const { return patterns_; }

  // Adds the numbers of the patterns that stand in the text, each once. An anchor at a line takes
  // the end of the text for one. False: given up, and nothing is known.
  [[nodiscard]] bool scan(std::string_view text, States& states,
                          std::vector<std::uint32_t>& found) const;

 private:
  class Compiler;
  struct Step {
    enum class Kind : std::uint8_t { bytes, split, assertion, match };
    Kind kind = Kind::match;
    char assertion = 0;
    std::uint32_t value = 0;  // of `bytes`: which set; of `match`: which pattern
    std::uint32_t next = 0;
    std::uint32_t other = 0;  // of `split`
  };
  // What stands around a position.
  enum class Before : std::uint8_t { begin, line_feed, word, other };
  static constexpr std::uint32_t kEnd = 256;  // in place of a byte

  [[nodiscard]] static bool is_word(std::uint32_t byte) {
    return byte < kEnd && (is_alphanumeric(static_cast<char>(byte)) || byte == '_');
  }
  [[nodiscard]] bool holds(char assertion, Before before, std::uint32_t byte) const;

  std::vector<Step> steps_;
  std::vector<std::uint32_t> starts_;
  std::vector<ByteSet> sets_;
  std::size_t patterns_ = 0;
  // Bytes that no set tells apart are of one class.
  std::array<std::uint8_t, 256> class_of_{};
  std::vector<std::uint8_t> member_of_class_;  // one byte of each
  friend class States;
};

// What one thread has found out about the automaton. Bounded: begun anew when it is full.
class Automaton::States {
 public:
  explicit States(const Automaton& of);

 private:
  friend class Automaton;
  static constexpr std::uint32_t kUnknown = ~0U;
  static constexpr std::uint32_t kEmits = 1U << 31;  // of the next state: it has found something
  static constexpr std::size_t kMostMemory = std::size_t{2} << 20;

  struct State {
    std::vector<std::uint32_t> steps;  // sorted; those of the patterns' beginnings not among them
    std::vector<std::uint32_t> emits;  // patterns found on the way here
    Before before = Before::begin;
  };
  // Steps reached from the beginnings of all patterns, by what stands before and the next byte.
  struct Beginning {
    bool known = false;
    std::vector<std::uint32_t> steps;
    std::vector<std::uint32_t> emits;
  };

  void reset();
  [[nodiscard]] std::uint32_t next(std::uint32_t from, std::uint32_t byte);
  [[nodiscard]] std::uint32_t intern(State&& state);
  const Beginning& beginning(Before before, std::uint32_t byte);
  void advance(const std::vector<std::uint32_t>& from, Before before, std::uint32_t byte,
               State& into);
  void enter(std::uint32_t step, State& into);
  void resolve(std::uint32_t step, Before before, std::uint32_t byte, State& into);
  [[nodiscard]] std::size_t column(std::uint32_t byte) const {
    return byte == kEnd ? columns_ - 1 : of_.class_of_[byte];
  }

  const Automaton& of_;
  std::size_t columns_;
  std::vector<State> states_;
  // By state and column. A state is named by where its row begins.
  std::vector<std::uint32_t> table_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
  std::array<std::vector<Beginning>, 4> beginnings_;
  std::size_t memory_ = 0;
  std::size_t work_ = 0;  // steps looked at
  // Steps already entered, and resolved, in the state being made.
  std::vector<std::uint32_t> entered_, resolved_;
  std::uint32_t round_ = 0;
  std::vector<std::uint32_t> to_enter_, to_resolve_;
  std::vector<bool> seen_;  // patterns, in the text being scanned
};

}  // namespace sallyport::seclang
