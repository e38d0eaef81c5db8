// Prints a shape as a JSON Schema (draft 2020-12) that editors can check a file with.
#pragma once

#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "schema/shape.h"

namespace sallyport::schema {

// A whole document. `id` may be empty.
[[nodiscard]] std::string json_schema(const Shape& root, std::string_view title,
                                      std::string_view id = {});

}  // namespace sallyport::schema
