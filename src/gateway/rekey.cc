// See rekey.h. All secrets are sealed anew in one transaction, so they are all under one key at any
// time; and the key in the folder is replaced by one that has been on the disk since before it.
#include "gateway/rekey.h"

#include <unistd.h>

#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "gateway/state.h"
#include "gateway/state_folder.h"
#include "store/encoding.h"

namespace sallyport::gateway {
namespace {

using Key = std::expected<store::MasterKey, std::string>;

std::string name_of(const store::MasterKey& key) {
  return store::hex(store::as_text(key.id().data(), key.id().size()));
}

Key new_key(const config::StateSettings& settings, std::optional<store::MasterKey> wanted) {
  auto interrupted = interrupted_rekey(settings);
  if (!interrupted) return std::unexpected(std::move(interrupted.error()));
  if (wanted && *interrupted) {
    return std::unexpected(
        "a change to a key made in the folder was interrupted: finish it first, without naming a "
        "new key");
  }
  if (wanted) return std::move(*wanted);
  if (!settings.key_file.empty() || !settings.key_variable.empty()) {
    return std::unexpected(
        "state.master_key says where the key comes from: give the new one with --new-key-file or "
        "--new-key-env");
  }
  return make_next_key(settings);
}

store::AuditEvent event_of(const Rekeyed& rekeyed, const std::string& former_audit_key) {
  std::string detail;
  JsonWriter json(detail);
  json.begin_object()
      .string("former", rekeyed.former)
      .string("current", rekeyed.current)
      .string("audit_key", rekeyed.audit_key)
      .end_object();
  return {.actor = "offline/uid-" + std::to_string(::getuid()),
          .action = std::string(store::kAuditKeyChanged),
          .object = std::string(store::kAuditKeyObject) + former_audit_key,
          .detail = std::move(detail)};
}

}  // namespace

std::expected<Rekeyed, std::string> rekey(const config::StateSettings& settings,
                                          std::optional<store::MasterKey> wanted) {
  const bool made_here = !wanted;
  auto usable = check_state_folder(settings);
  if (!usable) return std::unexpected(std::move(usable.error()));
  auto lock = FolderLock::alone(settings.path);
  if (!lock) return std::unexpected(std::move(lock.error()));
  Key former = load_master_key(settings, false);
  if (!former) return std::unexpected(std::move(former.error()));
  Key current = new_key(settings, std::move(wanted));
  if (!current) return std::unexpected(std::move(current.error()));
  Rekeyed rekeyed{.former = name_of(*former),
                  .current = name_of(*current),
                  .audit_key = store::AuditSigner(*current).public_key()};
  if (rekeyed.former == rekeyed.current) {
    return std::unexpected(
        "the new master key is the one that is in use: `openssl rand -hex 32` "
        "makes another");
  }
  const store::AuditEvent event = event_of(rekeyed, store::AuditSigner(*former).public_key());

  std::vector<store::MasterKey> formers;
  formers.push_back(std::move(*former));
  auto state =
      State::open_alone(settings, std::move(*lock), std::move(*current), std::move(formers));
  if (!state) return std::unexpected(std::move(state.error()));
  auto recorded = (*state)->audit().append(event).get();
  if (!recorded) return std::unexpected("nothing was changed: " + recorded.error().text);
  auto resealed =
      (*state)->store().run([](store::Session& session) { return session.reseal(); }).get();
  if (!resealed) return std::unexpected("nothing was changed: " + resealed.error().text);
  rekeyed.secrets = *resealed;
  if (made_here) {
    auto taken = take_next_key(settings);
    if (!taken) return std::unexpected(std::move(taken.error()));
  }
  return rekeyed;
}

}  // namespace sallyport::gateway
