// Which configuration file is meant where none is named.
#pragma once

#include <optional>
#include <string>

#include "cli/cli.h"

namespace sallyport::cli {

inline constexpr const char* kInstalledFile = "/etc/sallyport/sallyport.yaml";
inline constexpr const char* kLocalFile = "sallyport.yaml";

// `named`, or if that is empty the installed file, or else the one in this folder. Nothing if
// neither is there, which is reported.
[[nodiscard]] std::optional<std::string> find_configuration(const std::string& named,
                                                            Terminal& terminal);

}  // namespace sallyport::cli
