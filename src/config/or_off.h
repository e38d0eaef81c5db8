// What may be switched off by writing `off` in place of its block.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "schema/codec.h"

namespace sallyport::config {

template <typename T>
struct OrOff {
  T value{};
  bool off = false;
};

// Quotes make no difference: programs that write JSON cannot leave them out.
[[nodiscard]] inline bool is_off(const schema::Node& node) {
  return node.is_scalar() && !node.is_reference() && node.text == "off";
}

// `shape`, or the word.
[[nodiscard]] inline schema::Shape or_off(schema::Shape shape) {
  schema::Shape off;
  off.kind = schema::Shape::Kind::string;
  off.type = "word";
  off.values = {"off"};
  off.value_notes = {""};
  schema::Shape either;
  either.kind = schema::Shape::Kind::either;
  either.inner = {std::move(shape), std::move(off)};
  return either;
}

}  // namespace sallyport::config

namespace sallyport::schema {

template <typename T>
struct Codec<config::OrOff<T>> {
  static bool read(const Node& node, Context& context, config::OrOff<T>& out) {
    out.off = config::is_off(node);
    return out.off || Codec<T>::read(node, context, out.value);
  }
  static Shape shape(const config::OrOff<T>& initial) {
    return config::or_off(Codec<T>::shape(initial.value));
  }
  static std::string to_json(const config::OrOff<T>& value) {
    return value.off ? json_string("off") : Codec<T>::to_json(value.value);
  }
};

}  // namespace sallyport::schema
