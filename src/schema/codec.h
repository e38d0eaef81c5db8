// Codec<T> says how a type is read from a node, what it may look like and how a default is shown.
//
// To teach the tables a type of your own, pick the first that fits:
//  * an enum: `constexpr auto enum_names(E)` beside it, returning
//    `std::array{schema::EnumName{"round_robin", E::round_robin, "what it does"}, ...}`;
//  * a struct: `static schema::Fields<T> fields()` in it (schema/field.h);
//  * a type written as one scalar: specialise Codec<T>, deriving from ScalarCodec<T, Codec<T>>;
//  * anything else: specialise Codec<T> with the three functions:
//      static bool read(const Node&, Context&, T& out);  // false: reported; `out` not to be used
//      static Shape shape(const T& initial);              // `initial` holds the defaults
//      static std::string to_json(const T& value);        // as written in a file; "": not shown
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/context.h"
#include "schema/node.h"
#include "schema/shape.h"
#include "schema/types.h"

namespace sallyport::schema {

template <typename T>
struct Codec;

// `text` as a JSON string, quotes included.
[[nodiscard]] std::string json_string(std::string_view text);

// A list with `node` as its only element, for types that admit both.
[[nodiscard]] Node as_list(const Node& node);

// Reports that a scalar is not a `type`. What a reference stands for is never quoted, so the
// problem is then left out.
bool not_a(const Node& node, Context& context, std::string_view type, const Problem& problem);

// For types written as one scalar. Self provides
//   static constexpr std::string_view kType, kPattern, kHint;   (what it is called; see Shape)
//   static Parsed<T> parse(std::string_view);
//   static std::string text(const T&);
template <typename T, typename Self>
struct ScalarCodec {
  static bool read(const Node& node, Context& context, T& out) {
    if (!context.expect_scalar(node, with_article(Self::kType))) return false;
    Parsed<T> parsed = Self::parse(node.text);
    if (!parsed) return not_a(node, context, Self::kType, parsed.error());
    out = std::move(*parsed);
    return true;
  }
  static Shape shape(const T& /*initial*/) {
    Shape shape;
    shape.kind = Shape::Kind::string;
    shape.type = Self::kType;
    shape.pattern = Self::kPattern;
    shape.format_hint = Self::kHint;
    return shape;
  }
  static std::string to_json(const T& value) { return json_string(Self::text(value)); }
};

// Text: any scalar, read as it is written.
template <>
struct Codec<std::string> {
  static bool read(const Node& node, Context& context, std::string& out);
  static Shape shape(const std::string& initial);
  static std::string to_json(const std::string& value);
};

// true or false, unquoted, nothing else.
template <>
struct Codec<bool> {
  static bool read(const Node& node, Context& context, bool& out);
  static Shape shape(const bool& initial);
  static std::string to_json(const bool& value);
};

bool read_integer(const Node& node, Context& context, std::int64_t minimum, std::int64_t maximum,
                  std::int64_t& out);
[[nodiscard]] Shape integer_shape(std::int64_t minimum, std::int64_t maximum);

// Integers: decimal, within the range of the type, of 64 signed bits and of Context::integers.
template <std::integral T>
struct Codec<T> {
  static constexpr std::int64_t kMinimum =
      std::signed_integral<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
  static constexpr std::int64_t kMaximum =
      sizeof(T) < 8 ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                    : std::numeric_limits<std::int64_t>::max();
  static bool read(const Node& node, Context& context, T& out) {
    std::int64_t value = 0;
    if (!read_integer(node, context, kMinimum, kMaximum, value)) return false;
    out = static_cast<T>(value);
    return true;
  }
  static Shape shape(const T& /*initial*/) { return integer_shape(kMinimum, kMaximum); }
  static std::string to_json(const T& value) { return std::to_string(value); }
};

// Decimal fractions: 0.5, 12. No exponents, no infinities.
template <>
struct Codec<double> {
  static bool read(const Node& node, Context& context, double& out);
  static Shape shape(const double& initial);
  static std::string to_json(const double& value);
};

// A pattern, or the bare number 0.
[[nodiscard]] Shape duration_shape(std::string_view type, std::string_view pattern,
                                   std::string_view hint);

// Durations of any chrono unit; a value that is no whole number of that unit is refused.
template <typename Rep, typename Period>
struct Codec<std::chrono::duration<Rep, Period>>
    : ScalarCodec<std::chrono::duration<Rep, Period>, Codec<std::chrono::duration<Rep, Period>>> {
  using T = std::chrono::duration<Rep, Period>;
  static constexpr std::string_view kType = "duration";
  static constexpr std::string_view kPattern = "^(0|[0-9]+(ms|s|m|h|d))$";
  static constexpr std::string_view kHint = "`250ms`, `5s`, `1m`, `2h`, `7d`";
  static Parsed<T> parse(std::string_view text) {
    Parsed<Duration> parsed = parse_duration(text);
    if (!parsed) return std::unexpected(parsed.error());
    T value = std::chrono::duration_cast<T>(*parsed);
    if (std::chrono::duration_cast<Duration>(value) == *parsed) return value;
    return std::unexpected(Problem{.message = "too fine or too long a duration here"});
  }
  static std::string text(const T& value) {
    return to_text(std::chrono::duration_cast<Duration>(value));
  }
  static Shape shape(const T& /*initial*/) { return duration_shape(kType, kPattern, kHint); }
};

template <>
struct Codec<Size> : ScalarCodec<Size, Codec<Size>> {
  static constexpr std::string_view kType = "size";
  static constexpr std::string_view kPattern = "^[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?$";
  static constexpr std::string_view kHint = "`512B`, `64KiB`, `10MiB`, `8kB`";
  static Parsed<Size> parse(std::string_view text) { return parse_size(text); }
  static std::string text(const Size& value) { return to_text(value); }
  // A bare number is a size too.
  static Shape shape(const Size& initial);
};

template <>
struct Codec<Rate> : ScalarCodec<Rate, Codec<Rate>> {
  static constexpr std::string_view kType = "rate";
  static constexpr std::string_view kPattern = "^[1-9][0-9]*/(s|m|h|d)$";
  static constexpr std::string_view kHint = "`100/s`, `600/m`, `1000/h`";
  static Parsed<Rate> parse(std::string_view text) { return parse_rate(text); }
  static std::string text(const Rate& value) { return to_text(value); }
  static std::string to_json(const Rate& value) {
    return value.count == 0 ? std::string() : json_string(to_text(value));
  }
};

template <>
struct Codec<Percent> : ScalarCodec<Percent, Codec<Percent>> {
  static constexpr std::string_view kType = "percentage";
  static constexpr std::string_view kPattern = "^[0-9]+(\\.[0-9]+)?%$";
  static constexpr std::string_view kHint = "`50%`, `99.9%`";
  static Parsed<Percent> parse(std::string_view text) { return parse_percent(text); }
  static std::string text(const Percent& value) { return to_text(value); }
};

template <>
struct Codec<HostPort> : ScalarCodec<HostPort, Codec<HostPort>> {
  static constexpr std::string_view kType = "address with a port";
  static constexpr std::string_view kPattern = "^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]*):[0-9]+$";
  static constexpr std::string_view kHint = "`127.0.0.1:9901`, `[::1]:80`, `db.internal:5432`";
  static Parsed<HostPort> parse(std::string_view text) { return parse_host_port(text); }
  static std::string text(const HostPort& value) { return to_text(value); }
  static std::string to_json(const HostPort& value) {
    return value.port == 0 ? std::string() : json_string(to_text(value));
  }
};

template <>
struct Codec<Origin> : ScalarCodec<Origin, Codec<Origin>> {
  static constexpr std::string_view kType = "HTTP origin";
  static constexpr std::string_view kPattern =
      "^https?://(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(:[0-9]+)?$";
  static constexpr std::string_view kHint = "`http://10.0.0.1:9000`, `https://api.internal`";
  static Parsed<Origin> parse(std::string_view text) { return parse_origin(text); }
  static std::string text(const Origin& value) { return to_text(value); }
  static std::string to_json(const Origin& value) {
    return value.port == 0 ? std::string() : json_string(to_text(value));
  }
};

template <>
struct Codec<FilePath> {
  static bool read(const Node& node, Context& context, FilePath& out);
  static Shape shape(const FilePath& initial);
  static std::string to_json(const FilePath& value);
};

template <>
struct Codec<Secret> {
  static bool read(const Node& node, Context& context, Secret& out);
  static Shape shape(const Secret& initial);
  static std::string to_json(const Secret& value);
};

template <>
struct Codec<Raw> {
  static bool read(const Node& node, Context& context, Raw& out);
  static Shape shape(const Raw& initial);
  static std::string to_json(const Raw& value);
};

template <>
struct Codec<Node> {
  static bool read(const Node& node, Context& context, Node& out);
  static Shape shape(const Node& initial);
  static std::string to_json(const Node& value);
};

// One name of an enum; see the opening comment.
template <typename E>
struct EnumName {
  std::string_view name;
  E value;
  std::string_view note = {};
};
template <typename E>
EnumName(const char*, E) -> EnumName<E>;
template <typename E>
EnumName(const char*, E, const char*) -> EnumName<E>;

template <typename E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) { enum_names(e).size(); };

bool not_one_of(const Node& node, Context& context, const std::vector<std::string>& names);

// The name of an enum's value; empty if the table lacks it.
template <NamedEnum E>
[[nodiscard]] constexpr std::string_view name_of(E value) {
  for (const auto& entry : enum_names(value)) {
    if (entry.value == value) return entry.name;
  }
  return {};
}

template <NamedEnum E>
struct Codec<E> {
  static bool read(const Node& node, Context& context, E& out) {
    std::vector<std::string> names;
    for (const auto& entry : enum_names(E{})) {
      if (node.is_scalar() && node.text == entry.name) {
        out = entry.value;
        return true;
      }
      names.emplace_back(entry.name);
    }
    return not_one_of(node, context, names);
  }
  static Shape shape(const E& /*initial*/) {
    Shape shape;
    shape.kind = Shape::Kind::string;
    shape.type = "word";
    for (const auto& entry : enum_names(E{})) {
      shape.values.emplace_back(entry.name);
      shape.value_notes.emplace_back(entry.note);
    }
    return shape;
  }
  static std::string to_json(const E& value) { return json_string(name_of(value)); }
};

// An absent key leaves the optional empty; there is no way to write an empty value.
template <typename T>
struct Codec<std::optional<T>> {
  static bool read(const Node& node, Context& context, std::optional<T>& out) {
    T value = out ? std::move(*out) : T{};
    if (!Codec<T>::read(node, context, value)) return false;
    out = std::move(value);
    return true;
  }
  static Shape shape(const std::optional<T>& initial) {
    Shape shape = Codec<T>::shape(initial ? *initial : T{});
    if (!initial) shape.optional = true;
    return shape;
  }
  static std::string to_json(const std::optional<T>& value) {
    return value ? Codec<T>::to_json(*value) : std::string();
  }
};

template <typename T>
struct Codec<Marked<T>> {
  static bool read(const Node& node, Context& context, Marked<T>& out) {
    out.where = context.where(node);
    return Codec<T>::read(node, context, out.value);
  }
  static Shape shape(const Marked<T>& initial) { return Codec<T>::shape(initial.value); }
  static std::string to_json(const Marked<T>& value) { return Codec<T>::to_json(value.value); }
};

// A list replaces the default list whole. Every wrong item is reported; the others are there to be
// checked further.
template <typename T>
struct Codec<std::vector<T>> {
  static bool read(const Node& node, Context& context, std::vector<T>& out) {
    if (!context.expect_sequence(node)) return false;
    std::vector<T> values;
    values.reserve(node.items.size());
    bool good = true;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      T value{};
      if (node.implied) {
        good = Codec<T>::read(node.items[i], context, value) && good;
      } else {
        auto scope = context.item(i);
        good = Codec<T>::read(node.items[i], context, value) && good;
      }
      values.push_back(std::move(value));
    }
    out = std::move(values);
    return good;
  }
  static Shape shape(const std::vector<T>& /*initial*/) {
    Shape shape;
    shape.kind = Shape::Kind::list;
    shape.inner.push_back(Codec<T>::shape(T{}));
    return shape;
  }
  static std::string to_json(const std::vector<T>& value) {
    std::string json = "[";
    for (const T& item : value) {
      std::string shown = Codec<T>::to_json(item);
      if (shown.empty()) return {};
      json += (json.size() > 1 ? ", " : "") + shown;
    }
    return json + "]";
  }
};

// Maps with open keys, in file order and with the places of their keys.
template <typename T>
struct Codec<std::vector<Named<T>>> {
  static bool read(const Node& node, Context& context, std::vector<Named<T>>& out) {
    if (!context.expect_map(node)) return false;
    std::vector<Named<T>> values;
    values.reserve(node.entries.size());
    bool good = true;
    for (const Node::Entry& entry : node.entries) {
      auto scope = context.key(entry.key);
      Named<T> named{.name = entry.key, .where = context.where(entry.key_mark)};
      good = Codec<T>::read(entry.value, context, named.value) && good;
      values.push_back(std::move(named));
    }
    out = std::move(values);
    return good;
  }
  static Shape shape(const std::vector<Named<T>>& /*initial*/) {
    Shape shape;
    shape.kind = Shape::Kind::map;
    shape.inner.push_back(Codec<T>::shape(T{}));
    return shape;
  }
  static std::string to_json(const std::vector<Named<T>>& value) {
    std::string json = "{";
    for (const Named<T>& item : value) {
      std::string shown = Codec<T>::to_json(item.value);
      if (shown.empty()) return {};
      json += (json.size() > 1 ? ", " : "") + json_string(item.name) + ": " + shown;
    }
    return json + "}";
  }
};

// The same without order and places.
template <typename T>
struct Codec<std::map<std::string, T>> {
  static bool read(const Node& node, Context& context, std::map<std::string, T>& out) {
    NamedList<T> list;
    if (!Codec<NamedList<T>>::read(node, context, list)) return false;
    out.clear();
    for (Named<T>& named : list) out.emplace(std::move(named.name), std::move(named.value));
    return true;
  }
  static Shape shape(const std::map<std::string, T>& /*initial*/) {
    return Codec<NamedList<T>>::shape({});
  }
  static std::string to_json(const std::map<std::string, T>& value) {
    NamedList<T> list;
    for (const auto& [name, item] : value)
      list.push_back({.name = name, .where = {}, .value = item});
    return Codec<NamedList<T>>::to_json(list);
  }
};

}  // namespace sallyport::schema
