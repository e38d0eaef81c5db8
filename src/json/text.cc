#include "json/text.h"

namespace sallyport::json {

void write(JsonWriter& writer, Value value) {
  switch (value.kind()) {
    case Kind::null:
      writer.null();
      break;
    case Kind::boolean:
      writer.boolean(*value.boolean());
      break;
    case Kind::integer:
      writer.number(*value.integer());
      break;
    case Kind::number:
      writer.number(*value.number());
      break;
    case Kind::string:
      writer.string(*value.string());
      break;
    case Kind::array:
      writer.begin_array();
      for (Value item : value.items()) write(writer, item);
      writer.end_array();
      break;
    case Kind::object:
      writer.begin_object();
      for (auto [name, member] : value.members()) write(writer.key(name), member);
      writer.end_object();
      break;
  }
}

std::string to_text(Value value) {
  std::string text;
  JsonWriter writer(text);
  write(writer, value);
  return text;
}

}  // namespace sallyport::json
