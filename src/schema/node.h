// What a configuration file says, before it means anything: a tree of scalars, sequences and maps,
// each with its place in the file. Independent of YAML; the loader that fills it lives above.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::schema {

// A place in a file. Lines and columns count from 1, columns in code points; line 0 means that the
// value is not written in any file (a default).
struct Mark {
  std::shared_ptr<const std::string> file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// A place, and the path of the value there ("apis.orders.routes[0]"). What a check that runs after
// parsing needs to name the culprit.
struct Where {
  Mark mark;
  std::string path;
};

struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  struct Entry;

  Kind kind = Kind::null;
  // The scalar was written in quotes or as a block: text, whatever it looks like.
  bool quoted = false;
  // A list of one that the file writes without brackets; its item keeps the list's path.
  bool implied = false;
  // What stands here was refused before it was read; nothing more is reported about it.
  bool broken = false;
  // The scalar, with `${env:}` and `${file:}` already replaced.
  std::string text;
  // What the file says where `text` came from references ("${env:KEY}"); else empty. A node with an
  // origin holds a secret: show shown(), never `text`.
  std::string origin;
  Mark mark;
  std::vector<Node> items;
  std::vector<Entry> entries;

  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_reference() const { return !origin.empty(); }

  // The scalar as it may be printed.
  [[nodiscard]] const std::string& shown() const { return origin.empty() ? text : origin; }

  // The value of `key`, or null. Linear.
  [[nodiscard]] const Node* find(std::string_view key) const;

  [[nodiscard]] static Node scalar(std::string text, Mark mark = {});
};

// One `key: value` of a map, in file order. Keys of one map differ.
struct Node::Entry {
  std::string key;
  Mark key_mark;
  Node value;
};

inline const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

inline Node Node::scalar(std::string text, Mark mark) {
  Node node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  node.mark = std::move(mark);
  return node;
}

// "a scalar", "a list", "a map", "nothing": for messages.
[[nodiscard]] std::string_view describe(Node::Kind kind);

// The tree as JSON, references in place of what they stand for. Safe to print.
[[nodiscard]] std::string to_redacted_json(const Node& node, int indent = 0);

}  // namespace sallyport::schema
