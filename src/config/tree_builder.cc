// See tree_builder.h.
#include "config/tree_builder.h"

#include <utility>

#include "config/yaml_loader.h"
#include "schema/context.h"

namespace sallyport::config {
namespace {

using schema::Node;
namespace code = schema::code;

// More values than any sensible file has; bounds memory.
constexpr std::size_t kMaxNodes = 1'000'000;

}  // namespace

Node TreeBuilder::take() {
  for (const schema::Where& where : collection_keys_) {
    diagnostics_.error(where, "a key must be text", "Put it in quotes.", code::kUnsupported);
  }
  return std::move(root_);
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (++documents_ == 1) return;
  bool marked = source_.line(static_cast<std::size_t>(mark.line)).starts_with("---");
  if (marked) {
    fail(mark, "a second document begins here", "Keep one document in each file.");
  } else {
    fail(mark, "this does not belong to what stands above it", "Check the indentation.",
         code::kSyntax);
  }
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) {
  Node node;
  node.mark = place(mark);
  if (at_key()) {
    refuse(mark, "a key must be text");
    skip_key();
    return;
  }
  // Where nothing is written the event stands at the next token; the key says more.
  if (!stack_.empty() && stack_.back().node.is_map()) node.mark = stack_.back().key.key_mark;
  add(std::move(node));
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) {
  refuse(mark, "aliases are not supported", "Write the value out.");
  if (at_key()) {
    skip_key();
    return;
  }
  Node node;
  node.mark = place(mark);
  node.broken = true;
  add(std::move(node));
}

void TreeBuilder::OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) {
  refuse(mark, "anchors are not supported", "Leave the & and its name out.");
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag,
                           YAML::anchor_t /*anchor*/, const std::string& value) {
  // The tag `!` is the parser's word for quotes, unless the file has it.
  if ((tag != "?" && tag != "!") || character_at(mark) == '!') refuse_tag(mark);
  if (value.contains('\0')) refuse(mark, "text must not hold a NUL character");
  bool quoted = tag == "!";
  if (at_key()) {
    begin_entry(mark, value, quoted);
    return;
  }
  Node node = Node::scalar(value, place(mark));
  node.quoted = quoted;
  add(std::move(node));
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) {
  push(mark, tag, Node::Kind::sequence);
}
void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag,
                             YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) {
  push(mark, tag, Node::Kind::map);
}

void TreeBuilder::begin_entry(const YAML::Mark& mark, const std::string& key, bool quoted) {
  Frame& frame = stack_.back();
  frame.has_key = true;
  frame.skip = false;
  frame.key = {.key = key, .key_mark = place(mark), .value = {}};
  if (key == "<<" && !quoted) {
    refuse(mark, "merge keys are not supported", "Write the keys out.");
    frame.skip = true;
    return;
  }
  auto [found, inserted] = frame.lines.emplace(key, frame.key.key_mark.line);
  if (inserted) return;
  frame.skip = true;
  diagnostics_.error({.mark = frame.key.key_mark, .path = path()},
                     "duplicate key, first used in line " + std::to_string(found->second), {},
                     code::kDuplicateKey);
}

void TreeBuilder::skip_key() {
  stack_.back().has_key = true;
  stack_.back().skip = true;
}

void TreeBuilder::push(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
  if (tag != "?" && !tag.empty()) refuse_tag(mark);
  if (stack_.size() >= static_cast<std::size_t>(kMaxDepth)) {
    fail(mark, "lists and maps are nested more than " + std::to_string(kMaxDepth) + " deep", {},
         code::kLimit);
  }
  count_node(place(mark));
  Frame frame;
  frame.node.kind = kind;
  frame.node.mark = place(mark);
  frame.is_key = at_key();
  if (frame.is_key) collection_keys_.push_back({.mark = frame.node.mark, .path = path()});
  stack_.push_back(std::move(frame));
}

void TreeBuilder::pop() {
  Node node = std::move(stack_.back().node);
  bool is_key = stack_.back().is_key;
  stack_.pop_back();
  if (is_key) {
    skip_key();
    return;
  }
  add(std::move(node));
}

void TreeBuilder::add(Node node) {
  if (node.is_null() || node.is_scalar()) count_node(node.mark);
  if (stack_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = stack_.back();
  if (frame.node.is_sequence()) {
    frame.node.items.push_back(std::move(node));
    return;
  }
  frame.has_key = false;
  if (frame.skip) return;
  frame.key.value = std::move(node);
  frame.node.entries.push_back(std::move(frame.key));
}

void TreeBuilder::count_node(const schema::Mark& mark) {
  if (++nodes_ <= kMaxNodes) return;
  diagnostics_.error({.mark = mark, .path = {}},
                     "the file holds more than " + std::to_string(kMaxNodes) + " values", {},
                     code::kLimit);
  throw Abandon();
}

schema::Mark TreeBuilder::place(const YAML::Mark& mark) const {
  if (mark.is_null()) return source_.whole_file();
  return source_.mark(static_cast<std::size_t>(mark.line), static_cast<std::size_t>(mark.column));
}

char TreeBuilder::character_at(const YAML::Mark& mark) const {
  auto offset = static_cast<std::size_t>(mark.pos);
  return mark.pos >= 0 && offset < source_.text().size() ? source_.text()[offset] : '\0';
}

void TreeBuilder::refuse_tag(const YAML::Mark& mark) {
  refuse(mark, "tags are not supported", "Leave the ! and its name out.");
}

void TreeBuilder::refuse(const YAML::Mark& mark, std::string message, std::string suggestion,
                         std::string_view code) {
  diagnostics_.error({.mark = place(mark), .path = path()}, std::move(message),
                     std::move(suggestion), code);
}

void TreeBuilder::fail(const YAML::Mark& mark, std::string message, std::string suggestion,
                       std::string_view code) {
  refuse(mark, std::move(message), std::move(suggestion), code);
  throw Abandon();
}

std::string TreeBuilder::path() const {
  std::string path;
  for (const Frame& frame : stack_) {
    if (frame.node.is_sequence()) {
      path += '[' + std::to_string(frame.node.items.size()) + ']';
    } else if (frame.has_key) {
      schema::append_key(path, frame.key.key);
    }
  }
  return path;
}

}  // namespace sallyport::config
