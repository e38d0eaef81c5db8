// Walks the file and the shape of the language side by side: what the file leaves out is written
// as its default, in the order of the tables.
#include "config/redact.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "config/model.h"
#include "config/or_off.h"
#include "config/yaml_loader.h"
#include "json/document.h"
#include "schema/diagnostics.h"
#include "schema/field.h"
#include "schema/shape.h"

namespace sallyport::config {
namespace {

using schema::FieldShape;
using schema::Node;
using schema::Shape;

class Writer {
 public:
  explicit Writer(std::string& out) : json_(out, 2) {}

  void value(const Node& node, const Shape& shape) {
    const Shape& chosen = *alternative(node, &shape);
    switch (chosen.kind) {
      case Shape::Kind::object:
        object(&node, chosen);
        return;
      case Shape::Kind::list:
        list(node, chosen.inner.front());
        return;
      case Shape::Kind::map:
        map(node, chosen.inner.front());
        return;
      case Shape::Kind::boolean:
      case Shape::Kind::integer:
      case Shape::Kind::number:
        if (node.is_scalar() && !node.is_reference()) {
          json_.raw(node.text);
          return;
        }
        break;
      case Shape::Kind::string:
        if (node.is_scalar()) {
          json_.string(written(node));
          return;
        }
        break;
      case Shape::Kind::any:
      case Shape::Kind::either:
        break;
    }
    json_.raw(to_redacted_json(node));
  }

 private:
  // `node` may be null: then only defaults are written.
  void object(const Node* node, const Shape& shape) {
    std::vector<FieldShape> fields = shape.fields();
    json_.begin_object();
    for (const FieldShape& field : fields) member(node, shape, field);
    json_.end_object();
  }

  void member(const Node* node, const Shape& shape, const FieldShape& field) {
    const Node* written = nullptr;
    if (node != nullptr && node->is_map()) {
      written = node->find(field.info.name);
    } else if (node != nullptr && field.info.name == shape.shorthand) {
      written = node;
    }
    const Shape& inside =
        field.shape.kind == Shape::Kind::either ? field.shape.inner.front() : field.shape;
    if (written != nullptr) {
      json_.key(field.info.name);
      value(field.info.or_single ? as_list_of_one(*written) : *written, field.shape);
    } else if (!field.default_json.empty()) {
      default_of(field);
    } else if (inside.kind == Shape::Kind::object && !field.shape.optional) {
      json_.key(field.info.name);
      object(nullptr, inside);
    }
  }

  void default_of(const FieldShape& field) {
    if (field.default_json == "[]" && field.info.min_items > 0) return;  // could not be read again
    json_.key(field.info.name);
    std::optional<Node> node;
    if (field.default_json.starts_with('[')) {
      schema::Diagnostics unheard;  // the tables write what can be read
      node = load_yaml(field.default_json, "default", unheard);
    }
    if (node) {
      value(*node, field.shape);
    } else {
      json_.raw(field.default_json);
    }
  }

  static Node as_list_of_one(const Node& node) {
    return node.is_sequence() ? node : schema::as_list(node);
  }

  void list(const Node& node, const Shape& element) {
    json_.begin_array();
    for (const Node& item : node.items) value(item, element);
    json_.end_array();
  }

  void map(const Node& node, const Shape& element) {
    json_.begin_object();
    for (const Node::Entry& entry : node.entries) {
      json_.key(entry.key);
      value(entry.value, element);
    }
    json_.end_object();
  }

  // Of several ways to write a value, the one `node` was written in.
  static const Shape* alternative(const Node& node, const Shape* shape) {
    if (shape->kind != Shape::Kind::either) return shape;
    for (const Shape& inner : shape->inner) {
      bool keyed = inner.kind == Shape::Kind::object || inner.kind == Shape::Kind::map;
      if (keyed && node.is_map()) return &inner;
      if (inner.kind == Shape::Kind::list && node.is_sequence()) return &inner;
    }
    // A scalar: off, or what a shorthand stands for.
    const Shape& first = shape->inner.front();
    bool shorthand = first.kind == Shape::Kind::object && !first.shorthand.empty();
    return shorthand && !is_off(node) ? &first : shape;
  }

  // As the file may say it: a plain "${" must not become a reference.
  static std::string written(const Node& node) {
    std::string text = node.shown();
    if (node.is_reference()) return text;
    for (std::size_t at = text.find("${"); at != text.npos; at = text.find("${", at + 3)) {
      text.insert(at, 1, '$');
    }
    return text;
  }

  JsonWriter json_;
};

// So that no value is taken for what it stands for.
void keep_references(Node& node) {  // NOLINT(misc-no-recursion): the loader bounds the depth
  if (node.is_scalar() && node.text.contains("${")) node.origin = node.text;
  for (Node& item : node.items) keep_references(item);
  for (Node::Entry& entry : node.entries) keep_references(entry.value);
}

}  // namespace

std::string effective_json(const Node& root) {
  std::string out;
  Writer(out).value(root, schema::fields_of<model::Root>().shape());
  out += '\n';
  return out;
}

std::string redacted_json(std::string_view text) {
  schema::Diagnostics unheard;
  std::optional<Node> root = load_yaml(text, "revision", unheard);
  if (!root || unheard.has_errors()) return {};
  keep_references(*root);
  std::string json = effective_json(*root);
  // The language may have changed since: what is a number today was a word then.
  const bool readable = json::Document::parse(json, {.max_depth = 2 * kMaxDepth}).has_value();
  return readable ? json : to_redacted_json(*root);
}

}  // namespace sallyport::config
