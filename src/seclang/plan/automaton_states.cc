// The states of an automaton, made when a text needs them.
#include <algorithm>
#include <utility>

#include "seclang/plan/automaton.h"

namespace sallyport::seclang {
namespace {

void add_once(std::vector<std::uint32_t>& to, std::uint32_t value) {
  if (std::ranges::find(to, value) == to.end()) to.push_back(value);
}

}  // namespace

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
