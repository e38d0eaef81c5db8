// From a file to a Snapshot: read, parse, fill in secrets, check, build. Everything that is wrong
// is reported at once; nothing half-loads and nothing throws.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/tls_context.h"
#include "config/secrets.h"
#include "config/snapshot.h"
#include "schema/diagnostics.h"

namespace sallyport::config {

struct LoadOptions {
  // No name lookups: a listener given by name gets no addresses.
  bool offline = false;
  // False: certificates and CA bundles are not opened, and no TLS context is made.
  bool open_files = true;
  // Also reports what would end a start after the file has been read: a log file that cannot be
  // opened, an account that does not exist. Looks only; nothing is opened or made.
  bool rehearse = false;
  // Kept over reloads so that TLS sessions survive them; null: new keys.
  std::shared_ptr<async::TicketKeys> ticket_keys;
  // Where `${env:NAME}` is looked up; empty: the process environment.
  Environment environment;
};

struct LoadResult {
  std::unique_ptr<Snapshot> snapshot;  // null exactly if `diagnostics` has errors
  schema::Diagnostics diagnostics;
  // The files to watch, as far as they became known: complete if there is a snapshot.
  std::vector<std::string> watched;
  std::string fingerprint;  // see Snapshot; empty: the file could not be read
  std::string text;         // as the operator wrote it, comments and all
};

[[nodiscard]] LoadResult load(const std::string& path, const LoadOptions& options = {});

// The same from text that is not in a file (yet); `path` names it and is where relative names of
// files count from.
[[nodiscard]] LoadResult load_text(std::string_view text, const std::string& path,
                                   const LoadOptions& options = {});

}  // namespace sallyport::config
