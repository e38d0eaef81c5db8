// Codecs of the scalars that are no templates.
#include "schema/codec.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/json_writer.h"
#include "base/text.h"

namespace sallyport::schema {
namespace {

Shape plain_shape(Shape::Kind kind, std::string_view type) {
  Shape shape;
  shape.kind = kind;
  shape.type = type;
  return shape;
}

// What people write for true and false elsewhere.
std::string_view meant_boolean(std::string_view text) {
  std::string lower = text::to_lower(text);
  for (std::string_view word : {"true", "yes", "on", "y", "1"}) {
    if (lower == word) return "Write true.";
  }
  for (std::string_view word : {"false", "no", "off", "n", "0"}) {
    if (lower == word) return "Write false.";
  }
  return {};
}

// Digits with an optional minus, no leading zero: "007" means 7 to some and nothing to others.
bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Numbers and booleans in quotes are text, unless the quotes only hold a reference.
bool refuse_quotes(const Node& node, Context& context, std::string_view what) {
  if (!node.quoted || node.is_reference()) return true;
  return context.error(node, "expected " + std::string(what) + ", found text in quotes",
                       "Write it without quotes.", code::kWrongKind);
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out;
  JsonWriter(out).string(text);
  return out;
}

Node as_list(const Node& node) {
  Node list;
  list.kind = Node::Kind::sequence;
  list.implied = true;
  list.mark = node.mark;
  list.items.push_back(node);
  return list;
}

bool not_a(const Node& node, Context& context, std::string_view type, const Problem& problem) {
  std::string a_type = with_article(type);
  if (node.is_reference()) {
    return context.error(node, "what " + node.origin + " stands for is not " + a_type);
  }
  std::string message = quoted(node) + " is not " + a_type;
  if (!problem.message.empty()) message += ": " + problem.message;
  return context.error(node, std::move(message), problem.suggestion);
}

bool not_one_of(const Node& node, Context& context, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  if (!context.expect_scalar(node, "one of " + list)) return false;
  if (node.is_reference()) {
    return context.error(node, "what " + node.origin + " stands for is not one of " + list);
  }
  return context.error(node, quoted(node) + " is not one of " + list,
                       did_you_mean(node.text, names));
}

bool Codec<std::string>::read(const Node& node, Context& context, std::string& out) {
  if (!context.expect_scalar(node, "text")) return false;
  out = node.text;
  return true;
}
Shape Codec<std::string>::shape(const std::string& /*initial*/) {
  return plain_shape(Shape::Kind::string, "text");
}
std::string Codec<std::string>::to_json(const std::string& value) {
  return value.empty() ? std::string() : json_string(value);
}

bool Codec<bool>::read(const Node& node, Context& context, bool& out) {
  constexpr std::string_view kWhat = "true or false";
  if (!context.expect_scalar(node, kWhat) || !refuse_quotes(node, context, kWhat)) return false;
  if (node.text == "true" || node.text == "false") {
    out = node.text == "true";
    return true;
  }
  if (node.is_reference()) {
    return context.error(node, "what " + node.origin + " stands for is not true or false");
  }
  return context.error(node, quoted(node) + " is neither true nor false",
                       std::string(meant_boolean(node.text)));
}
Shape Codec<bool>::shape(const bool& /*initial*/) {
  return plain_shape(Shape::Kind::boolean, "true or false");
}
std::string Codec<bool>::to_json(const bool& value) { return value ? "true" : "false"; }

bool read_integer(const Node& node, Context& context, std::int64_t minimum, std::int64_t maximum,
                  std::int64_t& out) {
  constexpr std::string_view kWhat = "a whole number";
  if (!context.expect_scalar(node, kWhat) || !refuse_quotes(node, context, kWhat)) return false;
  if (!is_integer(node.text)) return not_a(node, context, "whole number", {});
  minimum = std::max(minimum, context.least());
  maximum = std::min(maximum, context.most());
  auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), out);
  if (error == std::errc{} && out >= minimum && out <= maximum) return true;
  return context.error(node,
                       "must be from " + std::to_string(minimum) + " to " + std::to_string(maximum),
                       {}, code::kOutOfRange);
}
Shape integer_shape(std::int64_t minimum, std::int64_t maximum) {
  Shape shape = plain_shape(Shape::Kind::integer, "whole number");
  if (minimum != std::numeric_limits<std::int64_t>::min()) shape.minimum = minimum;
  if (maximum != std::numeric_limits<std::int64_t>::max()) shape.maximum = maximum;
  return shape;
}

bool Codec<double>::read(const Node& node, Context& context, double& out) {
  constexpr std::string_view kWhat = "a number";
  if (!context.expect_scalar(node, kWhat) || !refuse_quotes(node, context, kWhat)) return false;
  const std::string& text = node.text;
  bool plain = text.find_first_not_of("-0123456789.") == std::string::npos && !text.empty() &&
               text.front() != '.' && text.back() != '.';
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (plain && error == std::errc{} && end == text.data() + text.size()) return true;
  return not_a(node, context, "number", {});
}
Shape Codec<double>::shape(const double& /*initial*/) {
  return plain_shape(Shape::Kind::number, "number");
}
std::string Codec<double>::to_json(const double& value) {
  std::string out;
  JsonWriter(out).number(value);
  return out;
}

Shape duration_shape(std::string_view type, std::string_view pattern, std::string_view hint) {
  Shape text = plain_shape(Shape::Kind::string, type);
  text.pattern = pattern;
  text.format_hint = hint;
  Shape zero = integer_shape(0, 0);
  Shape shape = plain_shape(Shape::Kind::either, type);
  shape.format_hint = hint;
  shape.inner = {std::move(text), std::move(zero)};
  return shape;
}

Shape Codec<Size>::shape(const Size& initial) {
  Shape shape = plain_shape(Shape::Kind::either, kType);
  shape.format_hint = kHint;
  shape.inner = {ScalarCodec::shape(initial),
                 integer_shape(0, std::numeric_limits<std::int64_t>::max())};
  return shape;
}

bool Codec<FilePath>::read(const Node& node, Context& context, FilePath& out) {
  if (!context.expect_scalar(node, "a file name")) return false;
  if (node.text.empty() || node.text.find('\0') != std::string::npos) {
    return not_a(node, context, "file name", {});
  }
  std::filesystem::path path(node.text);
  if (path.is_relative() && node.mark.file) {
    path = std::filesystem::path(*node.mark.file).parent_path() / path;
  }
  out = {.written = node.text, .resolved = path.lexically_normal().string()};
  return true;
}
Shape Codec<FilePath>::shape(const FilePath& /*initial*/) {
  return plain_shape(Shape::Kind::string, "file name");
}
std::string Codec<FilePath>::to_json(const FilePath& value) {
  return value.empty() ? std::string() : json_string(value.written);
}

bool Codec<Secret>::read(const Node& node, Context& context, Secret& out) {
  if (!context.expect_scalar(node, "a reference to a secret")) return false;
  if (!node.is_reference()) {
    return context.error(node, "a secret must not stand in the file",
                         "Write \"${env:NAME}\" or \"${file:path}\".", code::kLiteralSecret);
  }
  if (node.text.empty()) return context.error(node, "what " + node.origin + " stands for is empty");
  out = Secret(node.text, node.origin);
  return true;
}
Shape Codec<Secret>::shape(const Secret& /*initial*/) {
  Shape shape = plain_shape(Shape::Kind::string, "secret");
  shape.pattern = R"(\$\{(env|file):[^}]+\})";
  shape.format_hint = "`${env:NAME}`, `${file:path}`";
  return shape;
}
std::string Codec<Secret>::to_json(const Secret& /*value*/) { return {}; }

bool Codec<Raw>::read(const Node& node, Context& context, Raw& out) {
  out = {.node = node, .where = context.where(node)};
  return true;
}
Shape Codec<Raw>::shape(const Raw& /*initial*/) { return {}; }
std::string Codec<Raw>::to_json(const Raw& /*value*/) { return {}; }

bool Codec<Node>::read(const Node& node, Context& /*context*/, Node& out) {
  out = node;
  return true;
}
Shape Codec<Node>::shape(const Node& /*initial*/) { return {}; }
std::string Codec<Node>::to_json(const Node& /*value*/) { return {}; }

}  // namespace sallyport::schema
