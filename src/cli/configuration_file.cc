#include "cli/configuration_file.h"

#include <unistd.h>

#include <ostream>

namespace sallyport::cli {

std::optional<std::string> find_configuration(const std::string& named, Terminal& terminal) {
  if (!named.empty()) return named;
  for (const char* file : {kInstalledFile, kLocalFile}) {
    if (access(file, F_OK) == 0) return file;
  }
  terminal.err << "sallyport: no configuration file is named, and there is neither "
               << kInstalledFile << " nor ./" << kLocalFile << ".\n";
  return std::nullopt;
}

}  // namespace sallyport::cli
