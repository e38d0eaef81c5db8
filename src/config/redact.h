// The effective configuration, safe to print: what the file says, the defaults of what it does not
// say, and references in place of secrets.
#pragma once

#include <string>
#include <string_view>

#include "schema/node.h"

namespace sallyport::config {

// As JSON, which is YAML too, in the order of the reference. `root` must have been read without
// errors.
[[nodiscard]] std::string effective_json(const schema::Node& root);

// The same of a text that need not load any more: nothing is looked up, references stay as they
// are. Empty if it is no YAML.
[[nodiscard]] std::string redacted_json(std::string_view text);

}  // namespace sallyport::config
