// Field tables: one description of a struct gives parsing, defaults, every error with its place,
// JSON Schema and the reference. Defaults are whatever the struct's member initialisers say.
//
//   struct Health {
//     std::string path = "/";
//     schema::Duration every = std::chrono::seconds(5);
//     static schema::Fields<Health> fields() {
//       return {field("path", &Health::path, "Path to ask for."),
//               field("every", &Health::every, "Time between checks.").range(100ms, 1h)};
//     }
//   };
//
// A member may be any type with a Codec (schema/codec.h), so also another struct with fields(), an
// optional, a list, a map, a Marked<T> or a Raw. A key that is absent leaves the member as it is;
// nothing of a struct is to be used once diagnostics hold an error.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "schema/codec.h"
#include "schema/context.h"
#include "schema/node.h"
#include "schema/shape.h"

namespace sallyport::schema {

// The type that range(), one_of() and check() look at: inside optional, Marked and lists.
template <typename M>
struct Leaf {
  using type = M;
  // Calls each(value, node, context) for every one, with the context at its path; true if all calls
  // are.
  template <typename Each>
  static bool visit(const M& value, const Node& node, Context& context, const Each& each) {
    return each(value, node, context);
  }
};
template <typename M>
struct Leaf<std::optional<M>> {
  using type = typename Leaf<M>::type;
  template <typename Each>
  static bool visit(const std::optional<M>& value, const Node& node, Context& context,
                    const Each& each) {
    return !value || Leaf<M>::visit(*value, node, context, each);
  }
};
template <typename M>
struct Leaf<Marked<M>> {
  using type = typename Leaf<M>::type;
  template <typename Each>
  static bool visit(const Marked<M>& value, const Node& node, Context& context, const Each& each) {
    return Leaf<M>::visit(value.value, node, context, each);
  }
};
template <typename M>
struct Leaf<std::vector<M>> {
  using type = typename Leaf<M>::type;
  template <typename Each>
  static bool visit(const std::vector<M>& value, const Node& node, Context& context,
                    const Each& each) {
    bool good = true;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i < node.items.size()) {
        auto scope = context.item(i);
        good = Leaf<M>::visit(value[i], node.items[i], context, each) && good;
      } else {
        good = Leaf<M>::visit(value[i], node, context, each) && good;
      }
    }
    return good;
  }
};

// One key of a struct T, whatever its type.
template <typename T>
struct Field {
  FieldInfo info;
  std::function<bool(const FieldInfo&, const Node&, Context&, T&)> read;
  std::function<FieldShape(const FieldInfo&, const T& initial)> describe;
};

bool check_min_items(const FieldInfo& info, const Node& node, Context& context);
bool check_one_of(const std::vector<std::string>& values, const Node& node, Context& context);
// Text for people of a value's JSON: strings without their quotes.
[[nodiscard]] std::string plain_text(std::string_view json);

// A field being described. Every call returns the field itself.
template <typename T, typename M>
class TypedField : public Field<T> {
 public:
  using Value = typename Leaf<M>::type;

  TypedField(std::string_view name, M T::* member, std::string_view description) : member_(member) {
    this->info.name = name;
    this->info.description = description;
    this->read = [member](const FieldInfo& info, const Node& node, Context& context, T& out) {
      return read_member(info, node, context, out.*member);
    };
    this->describe = [member](const FieldInfo& info, const T& initial) {
      return FieldShape{.info = info,
                        .shape = Codec<M>::shape(initial.*member),
                        .default_json = Codec<M>::to_json(initial.*member)};
    };
  }

  // The key must be there.
  TypedField& required() {
    this->info.required = true;
    return *this;
  }
  // A list may be written as its only element.
  TypedField& or_single() {
    this->info.or_single = true;
    return *this;
  }
  // A list needs so many elements.
  TypedField& min_items(std::size_t count) {
    this->info.min_items = count;
    return *this;
  }
  // Both ends included. Applies to each element of a list.
  TypedField& range(const Value& minimum, const Value& maximum) {
    this->info.minimum_text = plain_text(Codec<Value>::to_json(minimum));
    this->info.maximum_text = plain_text(Codec<Value>::to_json(maximum));
    if constexpr (std::integral<Value>) {
      return within(static_cast<std::int64_t>(minimum), static_cast<std::int64_t>(maximum));
    } else {
      std::string message =
          "must be from " + this->info.minimum_text + " to " + this->info.maximum_text;
      return also(
          [minimum, maximum, message](const Value& value, const Node& node, Context& context) {
            if (!(value < minimum) && !(maximum < value)) return true;
            return context.error(node, message, {}, code::kOutOfRange);
          });
    }
  }
  // Text that must be one of these. Enums have their own table instead.
  TypedField& one_of(std::vector<std::string> values)
    requires std::same_as<Value, std::string>
  {
    narrow([values](Shape& shape) { shape.values = values; });
    return also([values](const Value& /*value*/, const Node& node, Context& context) {
      return check_one_of(values, node, context);
    });
  }
  // Any other rule: returns what is wrong (lower case, no full stop), or "".
  TypedField& check(std::function<std::string(const Value&)> rule) {
    return also([rule = std::move(rule)](const Value& value, const Node& node, Context& context) {
      std::string message = rule(value);
      return message.empty() || context.error(node, std::move(message));
    });
  }
  // Accepted with a warning; `instead` is a sentence.
  TypedField& deprecated(std::string_view instead) {
    this->info.deprecated = instead;
    return *this;
  }
  // What the reference says the default is, where the initialiser does not tell.
  TypedField& default_text(std::string_view text) {
    this->info.default_text = text;
    return *this;
  }
  // As it would stand in a file.
  TypedField& example(std::string_view text) {
    this->info.example = text;
    return *this;
  }
  // Another shape than the codec's, for parts that are parsed elsewhere.
  TypedField& shaped(std::function<Shape()> shape) {
    this->describe = [shape = std::move(shape)](const FieldInfo& info, const T& /*initial*/) {
      return FieldShape{.info = info, .shape = shape(), .default_json = {}};
    };
    return *this;
  }

 private:
  static bool read_member(const FieldInfo& info, const Node& node, Context& context, M& out) {
    if (info.or_single && !node.is_sequence() && !node.is_null()) {
      return read_plain(info, as_list(node), context, out);
    }
    return read_plain(info, node, context, out);
  }
  static bool read_plain(const FieldInfo& info, const Node& node, Context& context, M& out) {
    return check_min_items(info, node, context) && Codec<M>::read(node, context, out);
  }

  // Rules run in the order they were given, on what was read well.
  TypedField& also(std::function<bool(const Value&, const Node&, Context&)> rule) {
    this->read = [before = std::move(this->read), rule = std::move(rule), member = member_](
                     const FieldInfo& info, const Node& node, Context& context, T& out) {
      return before(info, node, context, out) && Leaf<M>::visit(out.*member, node, context, rule);
    };
    return *this;
  }

  // Integers are held against their range while they are read: a number that does not even fit the
  // type is told what fits the key.
  TypedField& within(std::int64_t minimum, std::int64_t maximum) {
    narrow([minimum, maximum](Shape& shape) {
      shape.minimum = minimum;
      shape.maximum = maximum;
    });
    this->read = [before = std::move(this->read), minimum, maximum](
                     const FieldInfo& info, const Node& node, Context& context, T& out) {
      auto bounds = context.integers(minimum, maximum);
      return before(info, node, context, out);
    };
    return *this;
  }

  // Changes the shape of the innermost element.
  void narrow(std::function<void(Shape&)> change) {
    this->describe = [before = std::move(this->describe), change = std::move(change)](
                         const FieldInfo& info, const T& initial) {
      FieldShape described = before(info, initial);
      Shape* innermost = &described.shape;
      while (innermost->kind == Shape::Kind::list) innermost = &innermost->inner.front();
      change(*innermost);
      return described;
    };
  }

  M T::* member_;
};

template <typename T, typename M>
[[nodiscard]] TypedField<T, M> field(std::string_view name, M T::* member,
                                     std::string_view description) {
  return TypedField<T, M>(name, member, description);
}

// One field bound to the struct it fills: what read_object works on.
struct BoundField {
  const FieldInfo* info;
  std::function<bool(const Node&, Context&)> read;
};
// The names of keys a table hands on, and where to put them.
struct BoundRest {
  std::vector<std::string> known;
  std::function<void(Block)> keep;
};
struct ObjectRules {
  const std::vector<KeyGroup>* groups = nullptr;
  const std::string* shorthand = nullptr;
  const BoundRest* rest = nullptr;
};
// Reads a map: unknown, missing, deprecated and conflicting keys, and every field.
bool read_object(const Node& node, Context& context, std::span<const BoundField> fields,
                 const ObjectRules& rules);

// The table of a struct T, which must be default constructible.
template <typename T>
class Fields {
 public:
  Fields() = default;
  Fields(std::initializer_list<Field<T>> fields) : fields_(fields) {}

  // A name, which puts the shape among the definitions of the JSON Schema and makes a section of
  // the reference. Needed where a struct contains itself.
  Fields& named(std::string_view definition, std::string_view summary = {}) {
    definition_ = definition;
    summary_ = summary;
    return *this;
  }
  // A value that is not a map is read as this field alone: `listen: ":8443"`.
  Fields& shorthand(std::string_view key) {
    shorthand_ = key;
    return *this;
  }
  // The keys of another struct, on the same level of the file.
  template <typename M>
  Fields& inlined(M T::* member);
  // Keys that this table knows by name but hands on unread. `known` is asked when first needed.
  Fields& rest(std::vector<Block> T::* member, std::function<std::vector<FieldShape>()> known) {
    rest_keep_ = [member](T& out, Block block) { (out.*member).push_back(std::move(block)); };
    rest_known_ = std::move(known);
    return *this;
  }
  Fields& exactly_one_of(std::vector<std::string> keys) {
    groups_.push_back({.keys = std::move(keys), .required = true});
    return *this;
  }
  Fields& at_most_one_of(std::vector<std::string> keys) {
    groups_.push_back({.keys = std::move(keys), .required = false});
    return *this;
  }
  // A rule over several fields, called when all of them were read well. Reports to the context.
  Fields& check(std::function<void(const T&, const Node&, Context&)> rule) {
    checks_.push_back(std::move(rule));
    return *this;
  }

  // Fills `out`. `extra` are keys of the same map that do not belong to T.
  bool read(const Node& node, Context& context, T& out,
            std::span<const BoundField> extra = {}) const;

  [[nodiscard]] Shape shape(const T& initial = T{}) const;
  [[nodiscard]] std::vector<FieldShape> describe(const T& initial) const;
  [[nodiscard]] const std::vector<Field<T>>& list() const { return fields_; }

 private:
  std::vector<Field<T>> fields_;
  std::string definition_;
  std::string summary_;
  std::string shorthand_;
  std::vector<KeyGroup> groups_;
  std::vector<std::function<void(const T&, const Node&, Context&)>> checks_;
  std::function<void(T&, Block)> rest_keep_;
  std::function<std::vector<FieldShape>()> rest_known_;

  template <typename Other>
  friend class Fields;
};

template <typename T>
concept HasFields = requires {
  { T::fields() } -> std::convertible_to<Fields<T>>;
};

template <HasFields T>
[[nodiscard]] const Fields<T>& fields_of() {
  static const Fields<T> table = T::fields();
  return table;
}

template <HasFields T>
struct Codec<T> {
  static bool read(const Node& node, Context& context, T& out) {
    return fields_of<T>().read(node, context, out);
  }
  static Shape shape(const T& initial) { return fields_of<T>().shape(initial); }
  // Its fields show their own defaults.
  static std::string to_json(const T& /*value*/) { return {}; }
};

// ---- the longer member functions ----

template <typename T>
template <typename M>
Fields<T>& Fields<T>::inlined(M T::* member) {
  const Fields<M>& inner = fields_of<M>();
  for (const Field<M>& field : inner.fields_) {
    fields_.push_back(
        {.info = field.info,
         .read = [read = field.read, member](
                     const FieldInfo& info, const Node& node, Context& context,
                     T& out) { return read(info, node, context, out.*member); },
         .describe = [describe = field.describe, member](
                         const FieldInfo& info,
                         const T& initial) { return describe(info, initial.*member); }});
  }
  for (const auto& rule : inner.checks_) {
    checks_.push_back([rule, member](const T& value, const Node& node, Context& context) {
      rule(value.*member, node, context);
    });
  }
  groups_.insert(groups_.end(), inner.groups_.begin(), inner.groups_.end());
  if (inner.rest_keep_) {
    rest_keep_ = [keep = inner.rest_keep_, member](T& out, Block block) {
      keep(out.*member, std::move(block));
    };
    rest_known_ = inner.rest_known_;
  }
  return *this;
}

template <typename T>
bool Fields<T>::read(const Node& node, Context& context, T& out,
                     std::span<const BoundField> extra) const {
  std::vector<BoundField> bound(extra.begin(), extra.end());
  for (const Field<T>& field : fields_) {
    bound.push_back({.info = &field.info, .read = [&field, &out](const Node& value, Context& at) {
                       return field.read(field.info, value, at, out);
                     }});
  }
  BoundRest rest;
  if (rest_keep_) {
    for (const FieldShape& known : rest_known_()) rest.known.push_back(known.info.name);
    rest.keep = [this, &out](Block block) { rest_keep_(out, std::move(block)); };
  }
  ObjectRules rules{.groups = &groups_,
                    .shorthand = shorthand_.empty() ? nullptr : &shorthand_,
                    .rest = rest.keep ? &rest : nullptr};
  if (!read_object(node, context, bound, rules)) return false;
  std::size_t errors = context.diagnostics().errors();
  for (const auto& rule : checks_) rule(out, node, context);
  return context.diagnostics().errors() == errors;
}

template <typename T>
std::vector<FieldShape> Fields<T>::describe(const T& initial) const {
  std::vector<FieldShape> described;
  described.reserve(fields_.size());
  described.reserve(fields_.size());
  for (const Field<T>& field : fields_) described.push_back(field.describe(field.info, initial));
  if (rest_known_) {
    for (FieldShape& known : rest_known_()) described.push_back(std::move(known));
  }
  return described;
}

template <typename T>
Shape Fields<T>::shape(const T& initial) const {
  Shape shape;
  shape.kind = Shape::Kind::object;
  shape.definition = definition_;
  shape.summary = summary_;
  shape.groups = groups_;
  shape.shorthand = shorthand_;
  // A copy of the table: the shape may outlive the temporary a policy was described with. One for
  // all copies of the shape.
  shape.fields = [table = std::make_shared<const Fields>(*this), initial] {
    return table->describe(initial);
  };
  return shape;
}

}  // namespace sallyport::schema
