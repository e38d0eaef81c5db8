// The token that commands show to the admin listener.
#pragma once

#include <optional>
#include <string>

#include "cli/cli.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::cli {

inline constexpr const char* kAdminTokenVariable = "SALLYPORT_ADMIN_TOKEN";

// What is in `file`, which nobody but its owner may read; without one, what the environment says;
// otherwise nothing, as an empty text. Nothing at all, with a line on standard error, if the file
// is not fit.
[[nodiscard]] std::optional<store::SecretText> find_admin_token(const std::string& file,
                                                                Terminal& terminal);

}  // namespace sallyport::cli
