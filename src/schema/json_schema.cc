// See json_schema.h. Constrained scalars also admit a `${env:}` or `${file:}` reference, whose
// value only the gateway knows.
#include "schema/json_schema.h"

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace sallyport::schema {
namespace {

class Printer {
 public:
  explicit Printer(std::string& out) : json_(out, 2) {}

  void document(const Shape& root, std::string_view title, std::string_view id) {
    json_.begin_object();
    json_.string("$schema", "https://json-schema.org/draft/2020-12/schema");
    if (!id.empty()) json_.string("$id", id);
    json_.string("title", title);
    members(root);
    definitions();
    json_.end_object();
  }

 private:
  void schema(const Shape& shape) {
    json_.begin_object();
    members(shape);
    json_.end_object();
  }

  // The members of a schema object for `shape`, without its braces.
  void members(const Shape& shape) {
    if (shape.kind == Shape::Kind::object && !shape.definition.empty()) {
      if (defined_.emplace(shape.definition, shape).second) pending_.push_back(shape.definition);
      json_.string("$ref", "#/$defs/" + shape.definition);
      return;
    }
    inline_members(shape);
  }

  void inline_members(const Shape& shape) {
    switch (shape.kind) {
      case Shape::Kind::any:
        return;
      case Shape::Kind::boolean:
      case Shape::Kind::integer:
      case Shape::Kind::number:
        or_reference([&] { number_members(shape); });
        return;
      case Shape::Kind::string:
        string_members(shape);
        return;
      case Shape::Kind::list:
        json_.string("type", "array");
        if (shape.min_items > 0) json_.number("minItems", shape.min_items);
        json_.key("items");
        schema(shape.inner.front());
        return;
      case Shape::Kind::map:
        json_.string("type", "object").key("additionalProperties");
        schema(shape.inner.front());
        return;
      case Shape::Kind::object:
        object_members(shape);
        return;
      case Shape::Kind::either:
        json_.key("anyOf").begin_array();
        for (const Shape& alternative : shape.inner) schema(alternative);
        json_.end_array();
        return;
    }
  }

  void number_members(const Shape& shape) {
    if (shape.kind == Shape::Kind::boolean) {
      json_.string("type", "boolean");
      return;
    }
    json_.string("type", shape.kind == Shape::Kind::integer ? "integer" : "number");
    if (shape.minimum) json_.number("minimum", *shape.minimum);
    if (shape.maximum) json_.number("maximum", *shape.maximum);
  }

  void string_members(const Shape& shape) {
    if (shape.pattern.empty() && shape.values.empty()) {
      json_.string("type", "string");
      return;
    }
    or_reference([&] {
      json_.string("type", "string");
      if (!shape.pattern.empty()) json_.string("pattern", shape.pattern);
      if (shape.values.empty()) return;
      json_.key("enum").begin_array();
      for (const std::string& value : shape.values) json_.string(value);
      json_.end_array();
    });
  }

  void or_reference(const std::function<void()>& print) {
    uses_references_ = true;
    json_.key("anyOf").begin_array().begin_object();
    print();
    json_.end_object().begin_object().string("$ref", "#/$defs/reference").end_object().end_array();
  }

  void object_members(const Shape& shape) {
    std::vector<FieldShape> fields = shape.fields();
    if (!shape.summary.empty()) json_.string("description", shape.summary);
    if (shape.shorthand.empty()) {
      map_members(shape, fields);
      return;
    }
    json_.key("anyOf").begin_array();
    for (const FieldShape& field : fields) {
      if (field.info.name == shape.shorthand) property(field);
    }
    json_.begin_object();
    map_members(shape, fields);
    json_.end_object().end_array();
  }

  void map_members(const Shape& shape, const std::vector<FieldShape>& fields) {
    json_.string("type", "object").boolean("additionalProperties", false);
    json_.key("properties").begin_object();
    for (const FieldShape& field : fields) {
      json_.key(field.info.name);
      property(field);
    }
    json_.end_object();
    required(fields);
    groups(shape.groups);
  }

  void property(const FieldShape& field) {
    json_.begin_object();
    json_.string("description", description(field.info));
    if (!field.default_json.empty() && !field.info.required) {
      json_.raw("default", field.default_json);
    }
    if (!field.info.deprecated.empty()) json_.boolean("deprecated", true);
    if (field.info.or_single && field.shape.kind == Shape::Kind::list) {
      json_.key("anyOf").begin_array();
      schema(field.shape);
      schema(field.shape.inner.front());
      json_.end_array();
    } else {
      members(with_min_items(field));
    }
    json_.end_object();
  }

  static Shape with_min_items(const FieldShape& field) {
    Shape shape = field.shape;
    if (shape.kind == Shape::Kind::list) shape.min_items = field.info.min_items;
    return shape;
  }

  static std::string description(const FieldInfo& info) {
    std::string text = info.description;
    if (!info.minimum_text.empty()) {
      text += " From " + info.minimum_text + " to " + info.maximum_text + ".";
    }
    if (!info.deprecated.empty()) text += " Deprecated: " + info.deprecated;
    return text;
  }

  void required(const std::vector<FieldShape>& fields) {
    std::vector<std::string> names;
    for (const FieldShape& field : fields) {
      if (field.info.required) names.push_back(field.info.name);
    }
    if (!names.empty()) key_list(names);
  }

  void key_list(const std::vector<std::string>& names) {
    json_.key("required").begin_array();
    for (const std::string& name : names) json_.string(name);
    json_.end_array();
  }

  // Exactly one: oneOf the keys. At most one: no two of them together.
  void groups(const std::vector<KeyGroup>& groups) {
    if (groups.empty()) return;
    json_.key("allOf").begin_array();
    for (const KeyGroup& group : groups) {
      if (group.required) {
        json_.begin_object().key("oneOf").begin_array();
        for (const std::string& key : group.keys) required_together({key});
        json_.end_array().end_object();
        continue;
      }
      json_.begin_object().key("not").begin_object().key("anyOf").begin_array();
      for (std::size_t i = 0; i < group.keys.size(); ++i) {
        for (std::size_t j = i + 1; j < group.keys.size(); ++j) {
          required_together({group.keys[i], group.keys[j]});
        }
      }
      json_.end_array().end_object().end_object();
    }
    json_.end_array();
  }

  void required_together(const std::vector<std::string>& keys) {
    json_.begin_object();
    key_list(keys);
    json_.end_object();
  }

  // Printing one may bring up more.
  void definitions() {
    if (pending_.empty() && !uses_references_) return;
    json_.key("$defs").begin_object();
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      std::string name = pending_[i];
      Shape shape = defined_.at(name);
      json_.key(name).begin_object();
      inline_members(shape);
      json_.end_object();
    }
    json_.key("reference").begin_object();
    json_.string("description", "A value from the environment or from a file.");
    json_.string("type", "string").string("pattern", R"(\$\{(env|file):[^}]+\})");
    json_.end_object().end_object();
  }

  JsonWriter json_;
  std::map<std::string, Shape> defined_;
  std::vector<std::string> pending_;
  bool uses_references_ = false;
};

}  // namespace

std::string json_schema(const Shape& root, std::string_view title, std::string_view id) {
  std::string out;
  Printer(out).document(root, title, id);
  return out + '\n';
}

}  // namespace sallyport::schema
