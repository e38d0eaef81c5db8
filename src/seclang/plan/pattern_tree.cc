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
      if (node.assertion == 'b' || node.assertion == 'B') out += '\\';
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

}  // namespace sallyport::seclang
