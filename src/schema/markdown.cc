// See markdown.h. Every map becomes a section; a named one is printed once and linked to.
#include "schema/markdown.h"

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "schema/context.h"
#include "schema/field.h"

namespace sallyport::schema {
namespace {

// How GitHub and most generators turn a heading into an anchor.
std::string anchor_of(std::string_view heading) {
  std::string out;
  for (char c : heading) {
    char l = text::lower(c);
    if ((l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '-' || l == '_') out += l;
    if (l == ' ') out += '-';
  }
  return out;
}

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

class Printer {
 public:
  explicit Printer(int level) : level_(static_cast<std::size_t>(level)) {}

  std::string print(const Shape& root, std::string_view path) {
    pending_.push_back({.shape = root, .path = std::string(path)});
    if (root.kind == Shape::Kind::object && !root.definition.empty()) {
      sections_.emplace(root.definition, path);
    }
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      Section section = pending_[i];
      print_section(section, i == 0);
    }
    return std::move(out_);
  }

 private:
  struct Section {
    Shape shape;
    std::string path;
  };

  void print_section(const Section& section, bool is_root) {
    if (section.shape.kind != Shape::Kind::object) {
      // A root that is a list or a single value has no keys of its own.
      out_ += "A " + type_text(section.shape, section.path) + ".\n\n";
      return;
    }
    if (!is_root) out_ += std::string(level_, '#') + " `" + section.path + "`\n\n";
    if (!section.shape.summary.empty()) out_ += section.shape.summary + "\n\n";
    std::vector<FieldShape> fields = section.shape.fields();
    if (fields.empty()) {
      out_ += "It has no keys.\n\n";
      return;
    }
    out_ += "| Key | Type | Default | What it does |\n|---|---|---|---|\n";
    for (const FieldShape& field : fields) print_row(field, section.path);
    out_ += '\n';
    print_notes(section.shape);
  }

  void print_row(const FieldShape& field, const std::string& path) {
    std::string inner = path;
    append_key(inner, field.info.name);
    std::string type = type_text(field.shape, inner);
    if (field.info.or_single && field.shape.kind == Shape::Kind::list) {
      type += ", or a single one";
    }
    out_ += "| `" + field.info.name + "` | " + cell(type) + " | " + cell(default_of(field)) +
            " | " + cell(what_it_does(field)) + " |\n";
  }

  static std::string default_of(const FieldShape& field) {
    if (field.info.required) return "*required*";
    if (field.info.default_text) return *field.info.default_text;
    if (field.default_json.empty()) return "";
    return "`" + plain_text(field.default_json) + "`";
  }

  static std::string what_it_does(const FieldShape& field) {
    const FieldInfo& info = field.info;
    std::string text = info.description;
    if (!info.minimum_text.empty()) {
      text += " From `" + info.minimum_text + "` to `" + info.maximum_text + "`.";
    }
    if (info.min_items > 0) text += " At least " + std::to_string(info.min_items) + ".";
    const Shape* shape = &field.shape;
    while (shape->kind == Shape::Kind::list) shape = &shape->inner.front();
    for (std::size_t i = 0; i < shape->value_notes.size(); ++i) {
      if (shape->value_notes[i].empty()) continue;
      text += " `" + shape->values[i] + "`: " + shape->value_notes[i];
    }
    if (!shape->format_hint.empty()) text += " Written like " + shape->format_hint + ".";
    if (!info.example.empty()) text += " Example: `" + info.example + "`.";
    if (!info.deprecated.empty()) text += " **Deprecated.** " + info.deprecated;
    return text;
  }

  void print_notes(const Shape& shape) {
    for (const KeyGroup& group : shape.groups) {
      out_ += group.required ? "Exactly one of " : "At most one of ";
      for (std::size_t i = 0; i < group.keys.size(); ++i) {
        out_ += (i == 0 ? "`" : ", `") + group.keys[i] + "`";
      }
      out_ += " is set.\n\n";
    }
    if (!shape.shorthand.empty()) {
      out_ += "A value that is no map is short for `" + shape.shorthand + "` alone.\n\n";
    }
  }

  // What to call a type; queues the sections of inner maps.
  std::string type_text(const Shape& shape, const std::string& path) {
    switch (shape.kind) {
      case Shape::Kind::list:
        return "list: " + type_text(shape.inner.front(), path + "[]");
      case Shape::Kind::map:
        return "map of names: " + type_text(shape.inner.front(), path + ".<name>");
      case Shape::Kind::object:
        return object_text(shape, path);
      case Shape::Kind::any:
        return shape.type.empty() ? "anything" : shape.type;
      case Shape::Kind::either:
        if (shape.type.empty()) return either_text(shape, path);
        break;
      default:
        break;
    }
    return shape.values.empty() ? shape.type : words_text(shape);
  }

  static std::string words_text(const Shape& shape) {
    std::string text;
    for (const std::string& value : shape.values)
      text += (text.empty() ? "`" : ", `") + value + "`";
    return text;
  }

  std::string either_text(const Shape& shape, const std::string& path) {
    std::string text;
    for (const Shape& alternative : shape.inner) {
      text += (text.empty() ? "" : ", or ") + type_text(alternative, path);
    }
    return text;
  }

  std::string object_text(const Shape& shape, const std::string& path) {
    std::string target = path;
    bool is_new = true;
    if (!shape.definition.empty()) {
      auto [found, inserted] = sections_.emplace(shape.definition, path);
      target = found->second;
      is_new = inserted;
    }
    if (is_new) pending_.push_back({.shape = shape, .path = path});
    return "[map](#" + anchor_of(target) + ")";
  }

  std::size_t level_;
  std::string out_;
  std::vector<Section> pending_;
  std::map<std::string, std::string> sections_;
};

}  // namespace

std::string markdown_reference(const Shape& root, std::string_view path, int level) {
  return Printer(level).print(root, path);
}

}  // namespace sallyport::schema
