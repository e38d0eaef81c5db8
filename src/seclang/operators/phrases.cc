// The automaton is kept as a tree with fallbacks rather than as a table of all steps: some rule
// sets have thousands of phrases, and benign text seldom leaves the first levels.
#include "seclang/operators/phrases.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

unsigned char folded(char c) { return static_cast<unsigned char>(text::lower(c)); }

bool before(const std::string& a, const std::string& b) {
  return std::ranges::lexicographical_compare(a, b, {}, folded, folded);
}

// Sorted without regard to case; of phrases that differ only in it, the first stays.
std::vector<std::string> in_order(std::vector<std::string> phrases) {
  std::vector<std::size_t> order(phrases.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (before(phrases[a], phrases[b])) return true;
    return !before(phrases[b], phrases[a]) && a < b;
  });
  std::vector<std::string> sorted;
  for (std::size_t i : order) {
    if (phrases[i].empty()) continue;
    if (!sorted.empty() && text::equals_ignoring_case(sorted.back(), phrases[i])) continue;
    sorted.push_back(std::move(phrases[i]));
  }
  return sorted;
}

}  // namespace

Phrases::Phrases(std::vector<std::string> phrases) : phrases_(in_order(std::move(phrases))) {
  build();
  link();
}

// The phrases are sorted, so those that share a prefix stand in a row, the prefix itself in front.
void Phrases::build() {
  struct Range {
    std::size_t begin;
    std::size_t end;
    std::size_t depth;
  };
  std::vector<Range> ranges{{.begin = 0, .end = phrases_.size(), .depth = 0}};
  nodes_.emplace_back();
  labels_.push_back(0);
  for (State state = 0; state < nodes_.size(); ++state) {
    auto [begin, end, depth] = ranges[state];
    if (begin < end && phrases_[begin].size() == depth) {
      nodes_[state].phrase = static_cast<std::uint32_t>(begin++);
    }
    nodes_[state].first_child = static_cast<State>(nodes_.size());
    while (begin < end) {
      unsigned char label = folded(phrases_[begin][depth]);
      std::size_t next = begin + 1;
      while (next < end && folded(phrases_[next][depth]) == label) ++next;
      ranges.push_back({.begin = begin, .end = next, .depth = depth + 1});
      nodes_.emplace_back();
      labels_.push_back(label);
      ++nodes_[state].children;
      begin = next;
    }
  }
}

// Breadth first: a fallback is shorter than its node, so it is complete when it is needed.
void Phrases::link() {
  const Node& root = nodes_.front();
  for (State at = root.first_child; at < root.first_child + root.children; ++at) {
    from_root_[labels_[at]] = at;
  }
  for (State state = 0; state < nodes_.size(); ++state) {
    const Node& node = nodes_[state];
    for (State at = node.first_child; at < node.first_child + node.children; ++at) {
      nodes_[at].fallback = state == 0 ? 0 : step(node.fallback, labels_[at]);
      if (nodes_[at].phrase == kNone) nodes_[at].phrase = nodes_[nodes_[at].fallback].phrase;
    }
  }
}

// 0: there is none.
Phrases::State Phrases::child(State state, unsigned char label) const {
  const Node& node = nodes_[state];
  auto first = labels_.begin() + node.first_child;
  auto last = first + node.children;
  auto found = std::find(first, last, label);
  return found == last ? 0 : static_cast<State>(found - labels_.begin());
}

Phrases::State Phrases::step(State state, unsigned char label) const {
  while (state != 0) {
    if (State next = child(state, label); next != 0) return next;
    state = nodes_[state].fallback;
  }
  return from_root_[label];
}

std::optional<Phrases::Hit> Phrases::find(std::string_view text) const {
  State state = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    state = step(state, folded(text[at]));
    if (std::uint32_t phrase = nodes_[state].phrase; phrase != kNone) {
      return Hit{.phrase = phrases_[phrase], .end = at + 1};
    }
  }
  return std::nullopt;
}

}  // namespace sallyport::seclang
