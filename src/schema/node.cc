// Printing of nodes.
#include "schema/node.h"

#include "base/json_writer.h"
#include "base/text.h"

namespace sallyport::schema {
namespace {

// A plain scalar that means the same in JSON.
bool is_json_literal(const Node& node) {
  if (node.quoted || node.is_reference()) return false;
  if (node.text == "true" || node.text == "false") return true;
  bool leading_zero = node.text.size() > 1 && node.text.front() == '0';
  return text::to_number(node.text).has_value() && !leading_zero;
}

void write(JsonWriter& json, const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      json.null();
      return;
    case Node::Kind::scalar:
      if (is_json_literal(node)) {
        json.raw(node.text);
      } else {
        json.string(node.shown());
      }
      return;
    case Node::Kind::sequence:
      json.begin_array();
      for (const Node& item : node.items) write(json, item);
      json.end_array();
      return;
    case Node::Kind::map:
      json.begin_object();
      for (const Node::Entry& entry : node.entries) {
        json.key(entry.key);
        write(json, entry.value);
      }
      json.end_object();
      return;
  }
}

}  // namespace

std::string_view describe(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "nothing";
}

std::string to_redacted_json(const Node& node, int indent) {
  std::string out;
  JsonWriter json(out, indent);
  write(json, node);
  return out;
}

}  // namespace sallyport::schema
