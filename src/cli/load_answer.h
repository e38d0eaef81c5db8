// What a gateway says that was asked to load a configuration.
#pragma once

#include "cli/admin_client.h"
#include "cli/cli.h"

namespace sallyport::cli {

// Prints the revision in force, or what was wrong. The exit status.
[[nodiscard]] int print_load(const AdminAnswer& answer, bool as_json, Terminal& terminal);

}  // namespace sallyport::cli
