// See settings.h.
#include "cli/state/settings.h"

#include <unistd.h>

#include <ostream>

#include "cli/configuration_file.h"
#include "config/load.h"
#include "gateway/state_folder.h"

namespace sallyport::cli {

std::optional<config::StateSettings> state_settings(const std::string& named, Terminal& terminal) {
  const std::optional<std::string> file = find_configuration(named, terminal);
  if (!file) return std::nullopt;
  const config::LoadResult loaded = config::load(*file, {.offline = true, .open_files = false});
  if (loaded.snapshot == nullptr) {
    terminal.err << loaded.diagnostics.to_text();
    return std::nullopt;
  }
  if (loaded.snapshot->state.path.empty()) {
    terminal.err << "sallyport: " << *file
                 << " names no place for state: add state: {path: /var/lib/sallyport}\n";
    return std::nullopt;
  }
  return loaded.snapshot->state;
}

std::string database_of(const config::StateSettings& settings) {
  return settings.postgres ? store::place_of(*settings.postgres) : gateway::database_file(settings);
}

std::string offline_actor() { return "offline/uid-" + std::to_string(::getuid()); }

}  // namespace sallyport::cli
