// What a value may look like, as data. Codecs and field tables produce shapes; the JSON Schema and
// the Markdown reference are two ways to print them. Nothing here reads configuration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::schema {

struct FieldShape;

// Keys of which at most one, or exactly one, may be set.
struct KeyGroup {
  std::vector<std::string> keys;
  bool required = false;
};

struct Shape {
  enum class Kind : std::uint8_t {
    any,
    boolean,
    integer,
    number,
    string,
    list,
    map,
    object,
    either
  };

  Kind kind = Kind::any;
  std::string type;                     // for people: "duration", "list of networks"
  std::string pattern;                  // strings: ECMA-262, anchored
  std::string format_hint;              // strings: "`250ms`, `5s`, `1m`"
  std::optional<std::int64_t> minimum;  // integers and numbers
  std::optional<std::int64_t> maximum;
  std::vector<std::string> values;       // strings: the only ones allowed
  std::vector<std::string> value_notes;  // empty, or one for each of `values`
  std::size_t min_items = 0;             // lists
  std::vector<Shape> inner;              // list, map: the element; either: the alternatives
  bool optional = false;                 // absent means nothing, not the defaults inside

  // Objects. `fields` is called when printed, so that a table may contain itself if it has a
  // `definition`: objects of one definition are printed once and referred to.
  std::string definition;
  std::string summary;
  std::function<std::vector<FieldShape>()> fields;
  std::vector<KeyGroup> groups;
  std::string shorthand;  // the field that a value which is not a map stands for
};

// What a field table says about one key, apart from its type.
struct FieldInfo {
  std::string name;
  std::string description;
  bool required = false;
  bool or_single = false;  // a list that may be written as its only element
  std::size_t min_items = 0;
  std::string minimum_text;  // the range as it is written: "1ms"
  std::string maximum_text;
  std::optional<std::string> default_text;  // replaces the default shown in the reference
  std::string deprecated;                   // what to use instead; empty: not deprecated
  std::string example;
};

struct FieldShape {
  FieldInfo info;
  Shape shape;
  std::string default_json;  // empty: nothing worth showing
};

}  // namespace sallyport::schema
