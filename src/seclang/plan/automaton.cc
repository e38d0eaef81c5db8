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

bool is_word(std::uint32_t byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z') || byte == '_';
}

void add_once(std::vector<std::uint32_t>& to, std::uint32_t value) {
  if (std::ranges::find(to, value) == to.end()) to.push_back(value);
}

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
    case 'Z':
      return ends || byte == '\n';
    case 'A':
      return begins;
    case 'z':
      return ends;
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

Automaton::States::States(const Automaton& of)
    : of_(of),
      columns_(of.member_of_class_.size() + 1),
      entered_(of.steps_.size()),
      resolved_(of.steps_.size()),
      seen_(of.patterns_) {
  reset();
}

void Automaton::States::reset() {
  states_.clear();
  table_.clear();
  by_hash_.clear();
  memory_ = 0;
  work_ = 0;
  for (auto& each : beginnings_) each.assign(columns_, {});
  ++round_;
  State start;
  for (std::uint32_t step : of_.starts_) enter(step, start);
  start.steps.clear();  // the beginnings of all patterns are part of every state
  (void)intern(std::move(start));
}

// The state that `byte` leads to, made if there is none yet; with kEmits if it has found something.
std::uint32_t Automaton::States::next(std::uint32_t from, std::uint32_t byte) {
  const State& origin = states_[from / columns_];
  const Before before = origin.before;
  const Beginning& beginning = this->beginning(before, byte);
  ++round_;
  State made;
  // What begins here first: a step that is there already is entered once.
  for (std::uint32_t step : beginning.steps) {
    entered_[step] = round_;
    made.steps.push_back(step);
  }
  made.emits = beginning.emits;
  work_ += beginning.steps.size();
  advance(origin.steps, before, byte, made);
  std::ranges::sort(made.steps);
  std::ranges::sort(made.emits);
  made.before = byte == kEnd    ? Before::other
                : byte == '\n'  ? Before::line_feed
                : is_word(byte) ? Before::word
                                : Before::other;
  const bool emits = !made.emits.empty();
  const std::uint32_t to = intern(std::move(made)) | (emits ? kEmits : 0);
  table_[from + column(byte)] = to;
  return to;
}

std::uint32_t Automaton::States::intern(State&& state) {
  std::uint64_t hash = static_cast<std::uint64_t>(state.before);
  for (const std::vector<std::uint32_t>* list : {&state.steps, &state.emits}) {
    for (std::uint32_t value : *list) hash = (hash ^ value) * 0x9E37'79B9'7F4A'7C15U;
    hash ^= hash >> 29;
  }
  auto [begin, end] = by_hash_.equal_range(hash);
  for (auto each = begin; each != end; ++each) {
    const State& known = states_[each->second / columns_];
    if (known.before == state.before && known.steps == state.steps && known.emits == state.emits) {
      return each->second;
    }
  }
  const auto row = static_cast<std::uint32_t>(table_.size());
  memory_ += sizeof(State) + 64 +
             (state.steps.size() + state.emits.size() + columns_) * sizeof(std::uint32_t);
  states_.push_back(std::move(state));
  table_.resize(table_.size() + columns_, kUnknown);
  by_hash_.emplace(hash, row);
  return row;
}

const Automaton::States::Beginning& Automaton::States::beginning(Before before,
                                                                 std::uint32_t byte) {
  Beginning& known = beginnings_.at(static_cast<std::size_t>(before))[column(byte)];
  if (known.known) return known;
  ++round_;
  State reached;
  State beginnings;
  for (std::uint32_t step : of_.starts_) enter(step, beginnings);
  ++round_;
  advance(beginnings.steps, before, byte, reached);
  known.known = true;
  known.steps = std::move(reached.steps);
  known.emits = std::move(reached.emits);
  memory_ += (known.steps.size() + known.emits.size()) * sizeof(std::uint32_t);
  return known;
}

// Over `byte`, from steps in front of it.
void Automaton::States::advance(const std::vector<std::uint32_t>& from, Before before,
                                std::uint32_t byte, State& into) {
  for (std::uint32_t step : from) resolve(step, before, byte, into);
}

// A step in front of `byte`: anchors are decided, and what takes the byte is gone behind.
void Automaton::States::resolve(std::uint32_t step, Before before, std::uint32_t byte,
                                State& into) {
  std::vector<std::uint32_t>& open = to_resolve_;
  open.assign(1, step);
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    if (resolved_[at] == round_) continue;
    resolved_[at] = round_;
    ++work_;
    const Step& s = of_.steps_[at];
    switch (s.kind) {
      case Step::Kind::bytes:
        if (byte != kEnd && of_.sets_[s.value].test(byte)) enter(s.next, into);
        break;
      case Step::Kind::split:
        open.push_back(s.other);
        open.push_back(s.next);
        break;
      case Step::Kind::assertion:
        if (of_.holds(s.assertion, before, byte)) open.push_back(s.next);
        break;
      case Step::Kind::match:
        add_once(into.emits, s.value);
        break;
    }
  }
}

// A step that was just reached. Anchors wait until the next byte is known.
void Automaton::States::enter(std::uint32_t step, State& into) {
  std::vector<std::uint32_t>& open = to_enter_;
  open.assign(1, step);
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    if (entered_[at] == round_) continue;
    entered_[at] = round_;
    ++work_;
    const Step& s = of_.steps_[at];
    switch (s.kind) {
      case Step::Kind::bytes:
      case Step::Kind::assertion:
        into.steps.push_back(at);
        break;
      case Step::Kind::split:
        open.push_back(s.other);
        open.push_back(s.next);
        break;
      case Step::Kind::match:
        add_once(into.emits, s.value);
        break;
    }
  }
}

}  // namespace sallyport::seclang
