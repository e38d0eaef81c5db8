// `sallyport state copy`: from the folder's database to a server, when one machine is not enough.
#include <ostream>
#include <utility>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/paint.h"
#include "cli/state/settings.h"
#include "gateway/folder_lock.h"
#include "gateway/state.h"
#include "gateway/state_folder.h"
#include "store/audit/audit_trail.h"
#include "store/copy.h"
#include "store/database/postgres_database.h"
#include "store/database/sqlite_database.h"

namespace sallyport::cli {
namespace {

// The rows of the folder's database, in one transaction.
store::Outcome<std::uint64_t> copy_to_server(const config::StateSettings& settings,
                                             const store::KeyRing& ring) {
  auto from = store::open_sqlite({.path = gateway::database_file(settings), .create = false});
  if (!from) return store::fail(from);
  auto to = gateway::database_source(settings)(true);
  if (!to) return store::fail(to);
  return store::copy_store(**from, **to, ring);
}

int copy(const std::string& config, Terminal& terminal) {
  const auto settings = state_settings(config, terminal);
  if (!settings) return kWrong;
  const auto wrong = [&terminal](const std::string& what) {
    terminal.err << "sallyport: " << printable(what) << '\n';
    return kWrong;
  };
  if (!settings->postgres) return wrong("the configuration names no state.postgres to copy to");
  auto usable = gateway::check_state_folder(*settings);
  if (!usable) return wrong(usable.error());
  // What a gateway wrote meanwhile would be missing from the copy.
  const auto lock = gateway::FolderLock::alone(settings->path);
  if (!lock) return wrong(lock.error());
  auto key = gateway::load_master_key(*settings, false);
  if (!key) return wrong(key.error());
  store::forget_postgres_environment();
  store::AuditSigner signer(*key);
  auto copied = copy_to_server(*settings, store::KeyRing(std::move(*key)));
  if (!copied) return wrong(copied.error().text);
  // The trail stays where it is, and gets a line about this.
  auto trail = store::AuditTrail::open({.path = gateway::trail_file(*settings)}, std::move(signer));
  if (!trail) return wrong("done, but not recorded: " + trail.error().text);
  auto recorded = (*trail)
                      ->append({.actor = offline_actor(),
                                .action = "state.copy",
                                .object = "state",
                                .detail = R"({"records":)" + std::to_string(*copied) + "}"})
                      .get();
  if (!recorded) return wrong("done, but not recorded: " + recorded.error().text);
  terminal.out << *copied << " records copied to " << printable(database_of(*settings)) << '\n';
  return kFine;
}

}  // namespace

void add_state_copy(CLI::App& family, Session& session) {
  Command command(family, session, "copy",
                  "Copy the folder's database to the empty one of state.postgres; the gateway must "
                  "not run meanwhile");
  Value<std::string> config = command.config();
  command.examples({"sallyport state copy --config sallyport.yaml"});
  command.action([=, &session] { return copy(*config, session.terminal); });
}

}  // namespace sallyport::cli
