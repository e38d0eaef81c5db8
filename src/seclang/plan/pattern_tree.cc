#include "seclang/plan/pattern_tree.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "seclang/plan/pattern_node.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kHuge = std::numeric_limits<std::size_t>::max() / 4;

std::size_t times(std::size_t a, std::size_t b) { return a != 0 && b > kHuge / a ? kHuge : a * b; }

}  // namespace

PatternTree::PatternTree(std::unique_ptr<Node> root) : root_(std::move(root)) {}
PatternTree::PatternTree(PatternTree&&) noexcept = default;
PatternTree& PatternTree::operator=(PatternTree&&) noexcept = default;
PatternTree::~PatternTree() = default;

// Null: nothing matches.
std::unique_ptr<PatternTree::Node> PatternTree::cut(const Node& node, const ByteSet& alphabet) {
  switch (node.kind) {
    case Node::Kind::empty:
    case Node::Kind::assertion:
      return node.copy();
    case Node::Kind::bytes: {
      const ByteSet rest = node.set & alphabet;
      if (rest.none()) return nullptr;
      auto cut_down = Node::make(Node::Kind::bytes);
      // A class that holds the whole alphabet is written as it was: shorter, and as good.
      cut_down->set = (node.set | ~alphabet).all() ? node.set : rest;
      return cut_down;
    }
    case Node::Kind::sequence: {
      auto all = Node::make(Node::Kind::sequence);
      for (const auto& child : node.children) {
        auto rest = cut(*child, alphabet);
        if (rest == nullptr) return nullptr;
        if (rest->kind != Node::Kind::empty) all->children.push_back(std::move(rest));
      }
      if (all->children.empty()) return Node::make(Node::Kind::empty);
      return all;
    }
    case Node::Kind::choice: {
      auto all = Node::make(Node::Kind::choice);
      for (const auto& child : node.children) {
        if (auto rest = cut(*child, alphabet)) all->children.push_back(std::move(rest));
      }
      if (all->children.empty()) return nullptr;
      if (all->children.size() == 1) return std::move(all->children.front());
      return all;
    }
    case Node::Kind::repeat: {
      auto inside = cut(*node.children.front(), alphabet);
      if (inside == nullptr) {
        return node.least == 0 ? Node::make(Node::Kind::empty) : nullptr;
      }
      auto repeat = Node::make(Node::Kind::repeat);
      repeat->least = node.least;
      repeat->most = node.most;
      repeat->lazy = node.lazy;
      repeat->children.push_back(std::move(inside));
      return repeat;
    }
  }
  return nullptr;
}

std::optional<PatternTree> PatternTree::within(const ByteSet& alphabet) const {
  auto tree = cut(*root_, alphabet);
  if (tree == nullptr) return std::nullopt;
  return PatternTree(std::move(tree));
}

namespace {

void write_byte(std::string& out, unsigned byte) {
  if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
      (byte >= 'a' && byte <= 'z')) {
    out += static_cast<char>(byte);
    return;
  }
  out += "\\x";
  text::append_hex(out, static_cast<unsigned char>(byte));
}

void write_set(std::string& out, const ByteSet& set) {
  if (set.count() == 1) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (set.test(byte)) write_byte(out, byte);
    }
    return;
  }
  if (set.all()) {
    out += "[\\x00-\\xff]";
    return;
  }
  const bool negated = set.count() > 128;
  const ByteSet members = negated ? ~set : set;
  out += negated ? "[^" : "[";
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (!members.test(byte)) continue;
    unsigned last = byte;
    while (last + 1 < 256 && members.test(last + 1)) ++last;
    write_byte(out, byte);
    if (last > byte + 1) out += '-';
    if (last > byte) write_byte(out, last);
    byte = last;
  }
  out += ']';
}

}  // namespace

void PatternTree::write(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::empty:
      out += "(?:)";
      return;
    case Node::Kind::assertion:
      if (node.assertion != '^' && node.assertion != '$') out += '\\';
      out += node.assertion;
      return;
    case Node::Kind::bytes:
      write_set(out, node.set);
      return;
    case Node::Kind::sequence:
      for (const auto& child : node.children) {
        const bool group = child->kind == Node::Kind::choice;
        if (group) out += "(?:";
        write(*child, out);
        if (group) out += ')';
      }
      return;
    case Node::Kind::choice:
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i > 0) out += '|';
        write(*node.children[i], out);
      }
      return;
    case Node::Kind::repeat: {
      const Node& inside = *node.children.front();
      const bool group = inside.kind != Node::Kind::bytes;
      if (group) out += "(?:";
      write(inside, out);
      if (group) out += ')';
      if (node.most == Node::kNoLimit && node.least <= 1) {
        out += node.least == 0 ? '*' : '+';
      } else if (node.least == 0 && node.most == 1) {
        out += '?';
      } else {
        out += '{' + std::to_string(node.least);
        if (node.most != node.least) out += ',';
        if (node.most != node.least && node.most != Node::kNoLimit)
          out += std::to_string(node.most);
        out += '}';
      }
      if (node.lazy) out += '?';
      return;
    }
  }
}

std::string PatternTree::text() const {
  std::string out;
  write(*root_, out);
  return out;
}

std::size_t PatternTree::size_of(const Node& node) {
  std::size_t size = 1;
  for (const auto& child : node.children) size += size_of(*child);
  if (node.kind == Node::Kind::repeat) {
    const unsigned copies = node.most == Node::kNoLimit ? node.least + 1 : node.most;
    size = times(size, std::max(copies, 1U));
  }
  return std::min(size, kHuge);
}

std::size_t PatternTree::nodes() const { return size_of(*root_); }

std::size_t PatternTree::shortest_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::empty:
    case Node::Kind::assertion:
      return 0;
    case Node::Kind::bytes:
      return 1;
    case Node::Kind::sequence: {
      std::size_t sum = 0;
      for (const auto& child : node.children) sum = std::min(sum + shortest_of(*child), kHuge);
      return sum;
    }
    case Node::Kind::choice: {
      std::size_t least = kHuge;
      for (const auto& child : node.children) least = std::min(least, shortest_of(*child));
      return least;
    }
    case Node::Kind::repeat:
      return times(shortest_of(*node.children.front()), node.least);
  }
  return 0;
}

std::size_t PatternTree::shortest() const { return shortest_of(*root_); }

bool PatternTree::contains_of(const Node& node, const ByteSet& bytes) {
  if (node.kind == Node::Kind::bytes) return (node.set & bytes).any();
  return std::ranges::any_of(node.children,
                             [&](const auto& child) { return contains_of(*child, bytes); });
}

bool PatternTree::may_contain(const ByteSet& bytes) const { return contains_of(*root_, bytes); }

std::vector<PatternTree> PatternTree::divided() const {
  std::vector<PatternTree> parts;
  if (root_->kind == Node::Kind::choice) {
    for (const auto& child : root_->children) parts.push_back(PatternTree(child->copy()));
    return parts;
  }
  // The widest choice of the outermost sequence, with everything around it kept.
  std::size_t widest = 0;
  std::size_t place = 0;
  if (root_->kind == Node::Kind::sequence) {
    for (std::size_t i = 0; i < root_->children.size(); ++i) {
      const Node& child = *root_->children[i];
      if (child.kind != Node::Kind::choice) continue;
      if (const std::size_t size = size_of(child); size > widest) {
        widest = size;
        place = i;
      }
    }
  }
  if (widest == 0) {
    parts.push_back(PatternTree(root_->copy()));
    return parts;
  }
  for (const auto& branch : root_->children[place]->children) {
    auto part = root_->copy();
    part->children[place] = branch->copy();
    parts.push_back(PatternTree(std::move(part)));
  }
  return parts;
}

}  // namespace sallyport::seclang
