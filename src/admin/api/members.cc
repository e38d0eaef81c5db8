// See members.h.
#include "admin/api/members.h"

#include "async/digest.h"
#include "base/clock.h"
#include "base/text.h"
#include "json/text.h"

namespace sallyport::admin {
namespace internal {
namespace {

constexpr std::size_t kLongestDifference = 2048;
constexpr std::size_t kMostWords = 1000;

Fault other_kind(json::Value value, std::string_view wanted) {
  return "is " + std::string(json::name_of(value.kind())) + " where " + std::string(wanted) +
         " is needed";
}

}  // namespace

Fault read_value(json::Value value, std::string& into) {
  const auto text = value.string();
  if (!text) return other_kind(value, "a string");
  into = *text;
  return std::nullopt;
}

Fault read_value(json::Value value, std::vector<std::string>& into) {
  if (!value.is_array()) return other_kind(value, "an array of strings");
  if (value.size() > kMostWords) return "has more than 1000 elements";
  std::vector<std::string> words;
  for (json::Value each : value.items()) {
    const auto text = each.string();
    if (!text) return other_kind(each, "a string");
    words.emplace_back(*text);
  }
  into = std::move(words);
  return std::nullopt;
}

Fault read_value(json::Value value, bool& into) {
  const auto truth = value.boolean();
  if (!truth) return other_kind(value, "true or false");
  into = *truth;
  return std::nullopt;
}

Fault read_value(json::Value value, std::int64_t& into) {
  const auto number = value.integer();
  if (!number) return other_kind(value, "an integer");
  into = *number;
  return std::nullopt;
}

Fault read_time(json::Value value, std::optional<std::int64_t>& into) {
  if (value.kind() == json::Kind::null) {
    into = std::nullopt;
    return std::nullopt;
  }
  const auto text = value.string();
  if (!text) return other_kind(value, "a time or null");
  const auto time = parse_rfc3339(*text);
  if (!time) return "is no time such as 2027-01-31T12:00:00Z";
  into = *time;
  return std::nullopt;
}

Fault read_object_text(json::Value value, std::string& into) {
  if (!value.is_object()) return other_kind(value, "an object");
  into = json::to_text(value);
  return std::nullopt;
}

void write_value(JsonWriter& json, const std::string& value) { json.string(value); }

void write_value(JsonWriter& json, const std::vector<std::string>& value) {
  json.begin_array();
  for (const std::string& each : value) json.string(each);
  json.end_array();
}

void write_value(JsonWriter& json, bool value) { json.boolean(value); }
void write_value(JsonWriter& json, std::int64_t value) { json.number(value); }

void write_time(JsonWriter& json, std::optional<std::int64_t> value) {
  if (!value) {
    json.null();
    return;
  }
  std::string text(24, '\0');
  write_rfc3339(text.data(), *value);
  json.string(text);
}

void write_object_text(JsonWriter& json, const std::string& value) {
  if (value.empty()) {
    json.null();
  } else {
    json.raw(value);
  }
}

std::string wrong_object(json::Value value) {
  return "There is " + std::string(json::name_of(value.kind())) + " where an object is needed.";
}

std::string wrong_member(std::string_view name, std::string_view why) {
  return "`" + std::string(name) + "` " + std::string(why) + ".";
}

std::string unknown_member(std::string_view name, const std::vector<std::string_view>& known) {
  std::string text = "`" + std::string(name) + "` is no member here";
  if (auto meant = text::nearest(name, known)) return text + "; did you mean `" + *meant + "`?";
  text += "; there are";
  for (std::size_t i = 0; i < known.size(); ++i) {
    text += (i == 0                  ? " `"
             : i + 1 == known.size() ? " and `"
                                     : ", `") +
            std::string(known[i]) + "`";
  }
  return text + ".";
}

void write_difference(JsonWriter& json, std::string_view name, std::string_view before,
                      std::string_view after) {
  json.key(name).begin_object();
  if (before.size() + after.size() <= kLongestDifference) {
    json.raw("from", before).raw("to", after);
  }
  json.end_object();
}

void write_property(JsonWriter& json, std::string_view name, std::string_view schema,
                    std::string_view description) {
  // The description goes in front of what the schema says.
  std::string text;
  JsonWriter property(text);
  property.begin_object().string("description", description).end_object();
  text.back() = ',';
  text += schema.substr(1);
  json.raw(name, text);
}

}  // namespace internal

std::string entity_tag(std::string_view state) {
  return "\"" + async::sha256(state).substr(0, 32) + "\"";
}

}  // namespace sallyport::admin
