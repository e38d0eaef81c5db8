// A value as text again.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "json/document.h"

namespace sallyport::json {

// Where the writer stands. Numbers keep their value, not their spelling.
void write(JsonWriter& writer, Value value);

// On one line.
[[nodiscard]] std::string to_text(Value value);

}  // namespace sallyport::json
