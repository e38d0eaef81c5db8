// The tree of a pattern. Private to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "seclang/plan/pattern_tree.h"

namespace sallyport::seclang {

struct PatternTree::Node {
  enum class Kind : std::uint8_t { empty, bytes, sequence, choice, repeat, assertion };
  static constexpr unsigned kNoLimit = ~0U;

  Kind kind = Kind::empty;
  ByteSet set;                                  // of `bytes`
  std::vector<std::unique_ptr<Node>> children;  // of `sequence`, `choice` and `repeat` (one)
  unsigned least = 0;                           // of `repeat`
  unsigned most = 0;
  bool lazy = false;
  char assertion = 0;  // '^' '$', of a line; 'b' 'B'

  [[nodiscard]] static std::unique_ptr<Node> make(Kind kind) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    return node;
  }
  [[nodiscard]] std::unique_ptr<Node> copy() const {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->set = set;
    node->least = least;
    node->most = most;
    node->lazy = lazy;
    node->assertion = assertion;
    for (const auto& child : children) node->children.push_back(child->copy());
    return node;
  }
};

}  // namespace sallyport::seclang
