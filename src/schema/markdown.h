// Prints a shape as reference pages: one table of keys for each map, inner maps below it.
#pragma once

#include <string>
#include <string_view>

#include "schema/shape.h"

namespace sallyport::schema {

// The tables of `root`. Sections open with headings of `level` (2: "##") named by their path;
// `path` is where the root's keys stand ("" at the top of the file).
[[nodiscard]] std::string markdown_reference(const Shape& root, std::string_view path = {},
                                             int level = 2);

}  // namespace sallyport::schema
