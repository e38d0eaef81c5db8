// What the process keeps, open for as long as it runs: the store of callers and the audit trail.
// Reloads leave it alone; another folder, database or key takes a restart.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/snapshot.h"
#include "gateway/denials.h"
#include "gateway/folder_lock.h"
#include "store/audit/audit_trail.h"
#include "store/store.h"
#include "telemetry/prometheus_writer.h"

namespace sallyport::gateway {

// Opens the database that is meant: one in the folder, or on a server.
[[nodiscard]] store::DatabaseSource database_source(const config::StateSettings& settings);

class State {
 public:
  // Opens both, makes what is not there. The error is one line for the operator. Before other
  // threads use the environment.
  [[nodiscard]] static std::expected<std::unique_ptr<State>, std::string> open(
      const config::StateSettings& settings);

  // The same with these keys, for whoever is alone with the folder.
  [[nodiscard]] static std::expected<std::unique_ptr<State>, std::string> open_alone(
      const config::StateSettings& settings, FolderLock lock, store::MasterKey key,
      std::vector<store::MasterKey> former);

  // Any thread, as they say themselves.
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] const store::CallerDirectory& callers() const { return store_->callers(); }
  [[nodiscard]] store::AuditTrail& audit() { return *audit_; }
  [[nodiscard]] DenialRecord& denials() { return *denials_; }
  [[nodiscard]] const config::StateSettings& settings() const { return settings_; }

  // Records what happened; that it could not be is told on standard error.
  void record(store::AuditEvent event);

  // Sentences about what is not as it should be.
  [[nodiscard]] std::vector<std::string> complaints() const;
  void write_metrics(telemetry::PrometheusWriter& out) const;

  // "NAME=KEY" for a successor, where the key came from the environment, which has forgotten it
  // since; empty otherwise.
  [[nodiscard]] const store::SecretText& key_for_successor() const { return successor_; }

 private:
  State(config::StateSettings settings, FolderLock lock)
      : settings_(std::move(settings)), lock_(std::move(lock)) {}
  [[nodiscard]] std::expected<void, std::string> open_parts(store::MasterKey key,
                                                            std::vector<store::MasterKey> former);

  const config::StateSettings settings_;
  const FolderLock lock_;
  store::SecretText successor_;
  std::unique_ptr<store::AuditTrail> audit_;  // outlives the store, whose work may record
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Denials> denials_;
};

}  // namespace sallyport::gateway
