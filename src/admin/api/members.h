// The members of the API's JSON objects. One table per kind of record gives reading (strict: what
// is unknown, of another type or not for the client to say is refused by name), writing, and the
// JSON Schema in the OpenAPI document.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/json_writer.h"
#include "json/document.h"

namespace sallyport::admin {

enum class Who : std::uint8_t {
  gateway,  // says it, and the client may not
  once,     // the client, when the record is made
  client,   // the client, then and later
};

// Whether a member gives a caller rights, so that saying it takes the role security.
enum class Grants : std::uint8_t {
  nothing,
  when_changed,  // as credentials that exist already mean more or less by it
  always,
};

template <typename T>
struct Member {
  std::string_view name;
  std::string_view schema;  // JSON Schema of the value, without description
  std::string_view description;
  Who who = Who::client;
  bool required = false;
  bool detail = true;  // tells the state of the record; a last-used time does not
  Grants grants = Grants::nothing;
  // Both replace what is there. The error is the rest of a sentence that begins with the name.
  std::optional<std::string> (*read)(json::Value, T&) = nullptr;
  void (*write)(JsonWriter&, const T&) = nullptr;
};

template <typename T>
using Members = std::span<const Member<T>>;

namespace internal {

template <typename M>
struct PointedTo;
template <typename C, typename V>
struct PointedTo<V C::*> {
  using Class = C;
  using Value = V;
};

using Fault = std::optional<std::string>;
[[nodiscard]] Fault read_value(json::Value value, std::string& into);
[[nodiscard]] Fault read_value(json::Value value, std::vector<std::string>& into);
[[nodiscard]] Fault read_value(json::Value value, bool& into);
[[nodiscard]] Fault read_value(json::Value value, std::int64_t& into);
[[nodiscard]] Fault read_time(json::Value value, std::optional<std::int64_t>& into);
[[nodiscard]] Fault read_object_text(json::Value value, std::string& into);
void write_value(JsonWriter& json, const std::string& value);
void write_value(JsonWriter& json, const std::vector<std::string>& value);
void write_value(JsonWriter& json, bool value);
void write_value(JsonWriter& json, std::int64_t value);
void write_time(JsonWriter& json, std::optional<std::int64_t> value);
void write_object_text(JsonWriter& json, const std::string& value);

struct Schemas {
  static constexpr std::string_view of(const std::string* /*type*/) {
    return R"({"type":"string","maxLength":256})";
  }
  static constexpr std::string_view of(const std::vector<std::string>* /*type*/) {
    return R"({"type":"array","items":{"type":"string","minLength":1,"maxLength":256},"maxItems":1000})";
  }
  static constexpr std::string_view of(const bool* /*type*/) { return R"({"type":"boolean"})"; }
  static constexpr std::string_view of(const std::int64_t* /*type*/) {
    return R"({"type":"integer"})";
  }
};

}  // namespace internal

// What a value of plain type is written and read as follows from the type.
template <auto Pointer>
[[nodiscard]] constexpr auto member(std::string_view name, std::string_view description,
                                    Who who = Who::client, bool required = false) {
  using Pointed = internal::PointedTo<decltype(Pointer)>;
  using T = typename Pointed::Class;
  return Member<T>{
      .name = name,
      .schema = internal::Schemas::of(static_cast<const typename Pointed::Value*>(nullptr)),
      .description = description,
      .who = who,
      .required = required,
      .read = [](json::Value value, T& into) { return internal::read_value(value, into.*Pointer); },
      .write = [](JsonWriter& json, const T& from) { internal::write_value(json, from.*Pointer); }};
}

// A time as RFC 3339 text; Unix milliseconds in the record, null where there is none.
template <auto Pointer>
[[nodiscard]] constexpr auto time_member(std::string_view name, std::string_view description,
                                         Who who = Who::client) {
  using T = typename internal::PointedTo<decltype(Pointer)>::Class;
  constexpr bool kAlways =
      std::is_same_v<typename internal::PointedTo<decltype(Pointer)>::Value, std::int64_t>;
  Member<T> member{
      .name = name,
      .schema = kAlways ? R"({"type":"string","format":"date-time"})"
                        : R"({"type":["string","null"],"format":"date-time"})",
      .description = description,
      .who = who,
      .write = [](JsonWriter& json, const T& from) { internal::write_time(json, from.*Pointer); }};
  if constexpr (!kAlways) {
    member.read = [](json::Value value, T& into) {
      return internal::read_time(value, into.*Pointer);
    };
  }
  return member;
}

// The same member, which gives rights.
template <typename T>
[[nodiscard]] constexpr Member<T> granting(Member<T> member, Grants grants = Grants::always) {
  member.grants = grants;
  return member;
}

// A JSON object that the record keeps as text; null stands for what a new record has.
template <auto Pointer>
[[nodiscard]] constexpr auto object_member(std::string_view name, std::string_view description,
                                           std::string_view schema) {
  using T = typename internal::PointedTo<decltype(Pointer)>::Class;
  return Member<T>{
      .name = name,
      .schema = schema,
      .description = description,
      .read = [](json::Value value, T& into) -> internal::Fault {
        if (value.kind() != json::Kind::null) {
          return internal::read_object_text(value, into.*Pointer);
        }
        into.*Pointer = T{}.*Pointer;
        return std::nullopt;
      },
      .write = [](JsonWriter& json,
                  const T& from) { internal::write_object_text(json, from.*Pointer); }};
}

enum class Occasion : std::uint8_t { making, changing };

// Takes over what `object` says; on `making`, required members must be there. The error, a
// sentence, names the member.
template <typename T>
[[nodiscard]] std::optional<std::string> read_members(Members<T> members, json::Value object,
                                                      Occasion occasion, T& into);

// Where the writer stands in an object: "name": value for all of them.
template <typename T>
void write_members(Members<T> members, JsonWriter& json, const T& from) {
  for (const Member<T>& member : members) {
    json.key(member.name);
    member.write(json, from);
  }
}

template <typename T>
[[nodiscard]] std::string to_json(Members<T> members, const T& from) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_members(members, json, from);
  json.end_object();
  return text;
}

// What tells this state of the record from all others (RFC 9110 8.8.3), quotes included.
[[nodiscard]] std::string entity_tag(std::string_view state);

template <typename T>
[[nodiscard]] std::string entity_tag_of(Members<T> members, const T& from) {
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  for (const Member<T>& member : members) {
    if (member.detail) member.write(json, from);
  }
  json.end_array();
  return entity_tag(text);
}

// The first member that gives rights and is another one after than before; empty: there is none.
template <typename T>
[[nodiscard]] std::string_view granted(Members<T> members, Occasion occasion, const T& before,
                                       const T& after);

// {"name": {"from": …, "to": …}} of the members that differ; long values are left out.
template <typename T>
[[nodiscard]] std::string difference(Members<T> members, const T& before, const T& after);

// A JSON Schema of the records as they are read, or as they are written for `occasion`.
template <typename T>
void write_schema(Members<T> members, JsonWriter& json, std::optional<Occasion> occasion);

// ---- what is the same for all records ----

namespace internal {

[[nodiscard]] std::string wrong_object(json::Value value);
[[nodiscard]] std::string wrong_member(std::string_view name, std::string_view why);
[[nodiscard]] std::string unknown_member(std::string_view name,
                                         const std::vector<std::string_view>& known);
void write_difference(JsonWriter& json, std::string_view name, std::string_view before,
                      std::string_view after);
void write_property(JsonWriter& json, std::string_view name, std::string_view schema,
                    std::string_view description);

}  // namespace internal

template <typename T>
std::optional<std::string> read_members(Members<T> members, json::Value object, Occasion occasion,
                                        T& into) {
  if (!object.is_object()) return internal::wrong_object(object);
  const auto find = [&](std::string_view name) -> const Member<T>* {
    for (const Member<T>& member : members) {
      if (member.name == name) return &member;
    }
    return nullptr;
  };
  for (const json::Member& said : object.members()) {
    const Member<T>* member = find(said.name);
    if (member == nullptr) {
      std::vector<std::string_view> known;
      for (const Member<T>& each : members) {
        if (each.who != Who::gateway) known.push_back(each.name);
      }
      return internal::unknown_member(said.name, known);
    }
    if (member->who == Who::gateway) {
      return internal::wrong_member(said.name, "is for the gateway to say");
    }
    if (member->who == Who::once && occasion == Occasion::changing) {
      return internal::wrong_member(said.name, "cannot be changed once the record is made");
    }
    if (auto why = member->read(said.value, into)) {
      return internal::wrong_member(said.name, *why);
    }
  }
  if (occasion == Occasion::changing) return std::nullopt;
  for (const Member<T>& member : members) {
    if (member.required && !object.find(member.name)) {
      return internal::wrong_member(member.name, "is needed");
    }
  }
  return std::nullopt;
}

template <typename T>
std::string_view granted(Members<T> members, Occasion occasion, const T& before, const T& after) {
  for (const Member<T>& member : members) {
    const bool grants = member.grants == Grants::always ||
                        (member.grants == Grants::when_changed && occasion == Occasion::changing);
    if (!grants) continue;
    std::string was;
    std::string is;
    JsonWriter of_before(was);
    JsonWriter of_after(is);
    member.write(of_before, before);
    member.write(of_after, after);
    if (was != is) return member.name;
  }
  return {};
}

template <typename T>
std::string difference(Members<T> members, const T& before, const T& after) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const Member<T>& member : members) {
    std::string was;
    std::string is;
    JsonWriter of_before(was);
    JsonWriter of_after(is);
    member.write(of_before, before);
    member.write(of_after, after);
    if (was != is) internal::write_difference(json, member.name, was, is);
  }
  json.end_object();
  return text;
}

template <typename T>
void write_schema(Members<T> members, JsonWriter& json, std::optional<Occasion> occasion) {
  const auto said = [occasion](const Member<T>& member) {
    return !occasion || member.who == Who::client ||
           (member.who == Who::once && *occasion == Occasion::making);
  };
  json.begin_object().string("type", "object").boolean("additionalProperties", false);
  json.key("properties").begin_object();
  for (const Member<T>& member : members) {
    if (said(member)) {
      internal::write_property(json, member.name, member.schema, member.description);
    }
  }
  json.end_object();
  json.key("required").begin_array();
  for (const Member<T>& member : members) {
    const bool always = !occasion || (*occasion == Occasion::making && member.required);
    if (said(member) && always) json.string(member.name);
  }
  json.end_array().end_object();
}

}  // namespace sallyport::admin
