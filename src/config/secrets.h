// Replaces `${env:NAME}` and `${file:path}` in scalars, before the tree is read.
//
// Values go into Node::text and the reference stays in Node::origin, which is all that may be
// printed. `$${` stands for a plain `${`. Keys are left alone.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/diagnostics.h"
#include "schema/node.h"

namespace sallyport::config {

inline constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10;

// Looks a variable up; empty if it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
[[nodiscard]] Environment process_environment();
[[nodiscard]] bool is_variable_name(std::string_view name);

// Resolves every reference below `root` and reports each that cannot be. Relative paths count from
// the folder of the file the scalar stands in; one trailing newline of a file is dropped. Returns
// the files that were referred to, resolved or not, sorted and once each, for a watcher.
std::vector<std::string> resolve_secrets(schema::Node& root, const Environment& environment,
                                         schema::Diagnostics& diagnostics);

}  // namespace sallyport::config
