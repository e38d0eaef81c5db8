// See state.h.
#include "gateway/state.h"

#include <utility>

#include "base/clock.h"
#include "base/report.h"
#include "gateway/state_folder.h"
#include "store/database/postgres_database.h"
#include "store/database/sqlite_database.h"

namespace sallyport::gateway {
namespace {

// How soon this process sees what another one changed in the database.
constexpr std::chrono::milliseconds kTick{50};

std::string time_text(std::int64_t milliseconds) {
  std::string text(24, '\0');
  write_rfc3339(text.data(), milliseconds);
  return text;
}

// See State::key_for_successor.
store::SecretText entry_of(const config::StateSettings& settings, const store::MasterKey& key) {
  if (settings.key_variable.empty()) return {};
  const store::SecretText text = key.text();
  std::string entry;
  entry.reserve(settings.key_variable.size() + 1 + text.view().size());  // no copy left behind
  entry.append(settings.key_variable).append("=").append(text.view());
  return store::SecretText(std::move(entry));
}

}  // namespace

store::DatabaseSource database_source(const config::StateSettings& settings) {
  if (!settings.postgres) {
    return [file = database_file(settings)](bool create) {
      return store::open_sqlite({.path = file, .create = create});
    };
  }
  return [options = *settings.postgres](bool create) mutable {
    options.create = create;
    return store::open_postgres(options);
  };
}

std::expected<std::unique_ptr<State>, std::string> State::open(
    const config::StateSettings& settings) {
  auto usable = make_state_folder(settings);
  if (usable) usable = check_state_folder(settings);
  if (!usable) return std::unexpected(std::move(usable.error()));
  auto lock = FolderLock::shared(settings.path);
  if (!lock) return std::unexpected(std::move(lock.error()));
  auto key = load_master_key(settings, true);
  if (!key) return std::unexpected(std::move(key.error()));
  std::vector<store::MasterKey> former;
  auto next = interrupted_rekey(settings);
  if (!next) return std::unexpected(std::move(next.error()));
  if (*next) {
    report(Severity::warning,
           "state: a change of the master key was interrupted: stop the gateway and run `sallyport "
           "state rekey` again");
    former.push_back(std::move(**next));
  }
  std::unique_ptr<State> state(new State(settings, std::move(*lock)));  // private
  state->successor_ = entry_of(settings, *key);
  auto opened = state->open_parts(std::move(*key), std::move(former));
  if (!opened) return std::unexpected(std::move(opened.error()));
  return state;
}

std::expected<std::unique_ptr<State>, std::string> State::open_alone(
    const config::StateSettings& settings, FolderLock lock, store::MasterKey key,
    std::vector<store::MasterKey> former) {
  std::unique_ptr<State> state(new State(settings, std::move(lock)));  // private
  auto opened = state->open_parts(std::move(key), std::move(former));
  if (!opened) return std::unexpected(std::move(opened.error()));
  return state;
}

std::expected<void, std::string> State::open_parts(store::MasterKey key,
                                                   std::vector<store::MasterKey> former) {
  store::AuditSigner signer(key);
  if (settings_.postgres) store::forget_postgres_environment();
  auto store =
      store::Store::open(database_source(settings_),
                         store::KeyRing(std::move(key), std::move(former)), {.tick = kTick});
  if (!store) return std::unexpected("state: " + store.error().text);
  // Once the database has shown that the key is the right one: a head signed with another would
  // stay in the trail.
  auto audit = store::AuditTrail::open({.path = trail_file(settings_)}, std::move(signer));
  if (!audit) return std::unexpected("state: " + audit.error().text);
  audit_ = std::move(*audit);
  denials_ = std::make_unique<Denials>(*audit_);
  store_ = std::move(*store);
  return {};
}

void State::record(store::AuditEvent event) {
  audit_->append(std::move(event), [](store::Outcome<std::uint64_t> written) {
    if (written) return;
    report(Severity::error, "an event is missing from the audit trail: " + written.error().text);
  });
}

std::vector<std::string> State::complaints() const {
  std::vector<std::string> found;
  if (const store::StoreHealth health = store_->health(); !health.up) {
    found.push_back("the store of callers is down since " + time_text(health.since) +
                    ", and callers are judged by what was known then: " + health.error);
  }
  if (const store::AuditHealth health = audit_->health(); !health.up) {
    found.push_back("the audit trail is not written: " + health.error);
  }
  return found;
}

void State::write_metrics(telemetry::PrometheusWriter& out) const {
  using Type = telemetry::PrometheusWriter::Type;
  const store::StoreHealth store = store_->health();
  out.single(
      "sallyport_store_up", Type::gauge,
      "1 while the store of callers answers; at 0 callers are judged by what was known last.",
      store.up ? 1 : 0);
  out.single("sallyport_store_since_timestamp_seconds", Type::gauge,
             "When the store came to be up or down.", store.since / 1000);
  out.single("sallyport_store_waiting", Type::gauge, "Pieces of work that wait for the store.",
             store.waiting);
  const std::shared_ptr<const store::CallerView> view = store_->callers().view();
  out.single("sallyport_store_consumers", Type::gauge, "Consumers that are known.",
             view->consumers().size());
  out.single("sallyport_store_api_keys", Type::gauge, "API keys that are known, in force or not.",
             view->keys().size());
  const store::AuditHealth audit = audit_->health();
  out.single("sallyport_audit_up", Type::gauge, "1 while the audit trail can be written.",
             audit.up ? 1 : 0);
  out.single("sallyport_audit_seq", Type::gauge, "Number of the last line of the audit trail.",
             audit.seq);
  out.single("sallyport_audit_signed_seq", Type::gauge,
             "Number of the last signed head that this process wrote.", audit.head);
}

}  // namespace sallyport::gateway
