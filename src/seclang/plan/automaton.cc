#include "seclang/plan/automaton.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "seclang/plan/pattern_node.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kMostSteps = 200'000;
// Steps that may be looked at to make new states: for any text, and for each of its bytes.
constexpr std::size_t kWork = 20'000;
constexpr std::size_t kWorkForByte = 8;

}  // namespace

// Writes the steps of a tree, each before the ones that lead to it.
class Automaton::Compiler {
 public:
  explicit Compiler(Automaton& into) : into_(into) {}

  // Where to begin so as to come to `next` behind the node.
  std::uint32_t write(const PatternTree::Node& node, std::uint32_t next) {
    using Kind = PatternTree::Node::Kind;
    switch (node.kind) {
      case Kind::empty:
        return next;
      case Kind::bytes:
        return put({.kind = Step::Kind::bytes, .value = set(node.set), .next = next});
      case Kind::assertion:
        return put({.kind = Step::Kind::assertion, .assertion = node.assertion, .next = next});
      case Kind::sequence:
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
          next = write(**child, next);
        }
        return next;
      case Kind::choice: {
        std::uint32_t all = write(*node.children.back(), next);
        for (auto child = node.children.rbegin() + 1; child != node.children.rend(); ++child) {
          const std::uint32_t one = write(**child, next);
          all = put({.kind = Step::Kind::split, .next = one, .other = all});
        }
        return all;
      }
      case Kind::repeat:
        return repeat(node, next);
    }
    return next;
  }

  std::uint32_t put(Step step) {
    if (into_.steps_.size() >= kMostSteps) {
      too_large_ = true;
      return 0;
    }
    into_.steps_.push_back(step);
    return static_cast<std::uint32_t>(into_.steps_.size() - 1);
  }

  [[nodiscard]] bool too_large() const { return too_large_; }

 private:
  std::uint32_t repeat(const PatternTree::Node& node, std::uint32_t next) {
    const PatternTree::Node& inside = *node.children.front();
    std::uint32_t at = next;
    if (node.most == PatternTree::Node::kNoLimit) {
      at = put({.kind = Step::Kind::split, .other = next});
      const std::uint32_t body = write(inside, at);
      if (!too_large_) into_.steps_[at].next = body;
    } else {
      for (unsigned i = node.least; i < node.most && !too_large_; ++i) {
        const std::uint32_t body = write(inside, at);
        at = put({.kind = Step::Kind::split, .next = body, .other = next});
      }
    }
    for (unsigned i = 0; i < node.least && !too_large_; ++i) at = write(inside, at);
    return at;
  }

  std::uint32_t set(const ByteSet& bytes) {
    auto found = std::ranges::find(into_.sets_, bytes);
    if (found == into_.sets_.end()) {
      into_.sets_.push_back(bytes);
      found = into_.sets_.end() - 1;
    }
    return static_cast<std::uint32_t>(found - into_.sets_.begin());
  }

  Automaton& into_;
  bool too_large_ = false;
};

Automaton::Automaton() {
  ByteSet words;
  for (std::uint32_t byte = 0; byte < 256; ++byte) words.set(byte, is_word(byte));
  ByteSet line_feed;
  line_feed.set('\n');
  sets_ = {words, line_feed};
}

Automaton::~Automaton() = default;

bool Automaton::add(const PatternTree& pattern) {
  const std::size_t before = steps_.size();
  Compiler compiler(*this);
  const std::uint32_t end =
      compiler.put({.kind = Step::Kind::match, .value = static_cast<std::uint32_t>(patterns_)});
  const std::uint32_t start = compiler.write(*pattern.root_, end);
  if (compiler.too_large()) {
    steps_.resize(before);
    return false;
  }
  starts_.push_back(start);
  ++patterns_;
  // Which bytes the sets so far tell apart.
  std::map<std::string, std::uint8_t> classes;
  member_of_class_.clear();
  for (std::size_t byte = 0; byte < 256; ++byte) {
    std::string membership;
    for (const ByteSet& set : sets_) membership += set.test(byte) ? '1' : '0';
    auto [found, added] =
        classes.try_emplace(membership, static_cast<std::uint8_t>(member_of_class_.size()));
    if (added) member_of_class_.push_back(static_cast<std::uint8_t>(byte));
    class_of_.at(byte) = found->second;
  }
  return true;
}

bool Automaton::holds(char assertion, Before before, std::uint32_t byte) const {
  const bool begins = before == Before::begin;
  const bool ends = byte == kEnd;
  const bool boundary = (before == Before::word) != is_word(byte);
  switch (assertion) {
    case '^':
      return begins || before == Before::line_feed;
    case '$':
      return ends || byte == '\n';
    case 'b':
      return boundary;
    case 'B':
      return !boundary;
    default:
      return true;
  }
}

bool Automaton::scan(std::string_view text, States& states,
                     std::vector<std::uint32_t>& found) const {
  if (states.memory_ > States::kMostMemory) states.reset();
  states.work_ = 0;
  const std::size_t most = kWork + kWorkForByte * text.size();
  states.seen_.assign(patterns_, false);
  auto emit = [&](std::uint32_t state) {
    for (std::uint32_t pattern : states.states_[state / states.columns_].emits) {
      if (states.seen_[pattern]) continue;
      states.seen_[pattern] = true;
      found.push_back(pattern);
    }
  };
  std::uint32_t at = 0;
  emit(at);
  // Rare: the next state is not known yet, or has found something.
  auto look_closer = [&](std::uint32_t to, std::uint32_t byte) {
    if (to == States::kUnknown) {
      if (states.work_ > most || states.memory_ > 2 * States::kMostMemory) return false;
      to = states.next(at, byte);
    }
    at = to & ~States::kEmits;
    if ((to & States::kEmits) != 0) emit(at);
    return true;
  };
  const std::uint32_t* table = states.table_.data();
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const std::uint32_t to = table[at + class_of_[byte]];
    if (to < States::kEmits) {
      at = to;
    } else {
      if (!look_closer(to, byte)) return false;
      table = states.table_.data();
    }
  }
  return look_closer(states.table_[at + states.columns_ - 1], kEnd);
}

}  // namespace sallyport::seclang
