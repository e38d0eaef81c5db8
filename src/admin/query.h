// The parameters of a query string, as forms write them: percent-encoded, "+" for a space.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::admin {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// In order, repetitions included. Nothing if an escape is broken.
[[nodiscard]] std::optional<Parameters> parse_query(std::string_view query);

// A segment of a path without its escapes. Nothing if one is broken.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view segment);

}  // namespace sallyport::admin
