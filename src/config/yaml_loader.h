// Text to Node tree, strictly: one document of maps, lists and plain scalars.
//
// Refused, each with its place: duplicate keys, anchors, aliases, merge keys, tags, keys that are
// not text, tabs as indentation, bytes that are not UTF-8, and whatever is too long or too deep.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "schema/diagnostics.h"
#include "schema/node.h"

namespace sallyport::config {

inline constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;
inline constexpr int kMaxDepth = 64;

// Parses `text`; `file` is the name for diagnostics and the base of relative paths. Empty only if
// there is no tree at all; a tree may come with errors, so that reading it can report the rest.
// Never throws.
[[nodiscard]] std::optional<schema::Node> load_yaml(std::string_view text, std::string_view file,
                                                    schema::Diagnostics& diagnostics);

// The same from a file.
[[nodiscard]] std::optional<schema::Node> load_yaml_file(const std::string& file,
                                                         schema::Diagnostics& diagnostics);

}  // namespace sallyport::config
