// From the parser's events to a tree: what the language leaves out of YAML is refused here. The
// parser's own node graph is not used: it merges duplicate keys in silence, resolves aliases and
// loses places.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/source_text.h"
#include "schema/diagnostics.h"
#include "schema/node.h"

namespace sallyport::config {

// Thrown through the parser after an error that leaves no tree worth reading.
struct Abandon {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, schema::Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  // The tree, once the parser is content with the text.
  schema::Node take();

  // The innermost list or map that is still open, or null.
  [[nodiscard]] const schema::Node* open() const {
    return stack_.empty() ? nullptr : &stack_.back().node;
  }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { pop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { pop(); }

 private:
  struct Frame {
    schema::Node node;
    bool is_key = false;
    // Maps: the entry whose value comes next, and whether it is left out.
    bool has_key = false;
    bool skip = false;
    schema::Node::Entry key;
    std::unordered_map<std::string, std::uint32_t> lines;  // of the keys so far
  };

  [[nodiscard]] bool at_key() const {
    return !stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key;
  }
  void begin_entry(const YAML::Mark& mark, const std::string& key, bool quoted);
  void skip_key();
  void push(const YAML::Mark& mark, const std::string& tag, schema::Node::Kind kind);
  void pop();
  void add(schema::Node node);
  void count_node(const schema::Mark& mark);

  [[nodiscard]] schema::Mark place(const YAML::Mark& mark) const;
  [[nodiscard]] char character_at(const YAML::Mark& mark) const;
  [[nodiscard]] std::string path() const;
  void refuse_tag(const YAML::Mark& mark);
  void refuse(const YAML::Mark& mark, std::string message, std::string suggestion = {},
              std::string_view code = schema::code::kUnsupported);
  [[noreturn]] void fail(const YAML::Mark& mark, std::string message, std::string suggestion = {},
                         std::string_view code = schema::code::kUnsupported);

  const SourceText& source_;
  schema::Diagnostics& diagnostics_;
  schema::Node root_;
  std::vector<Frame> stack_;
  // Lists and maps used as keys. Kept until the end: where a bracket is missing, the parser takes
  // what follows for a key, and the missing bracket is the better message.
  std::vector<schema::Where> collection_keys_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace sallyport::config
