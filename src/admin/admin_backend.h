// What the admin listener shows and does, asked of whoever runs the gateway. All functions are
// called on the controlling thread, and callbacks come back on it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/error.h"
#include "store/records/config_revisions.h"

namespace sallyport::config {
struct AdminSettings;
}
namespace sallyport::store {
class AuditTrail;
class Store;
}  // namespace sallyport::store

namespace sallyport::admin {

struct Readiness {
  bool ready = false;
  std::uint64_t revision = 0;        // 0: nothing is in force
  std::vector<std::string> reasons;  // why it is not ready
  std::vector<std::string> notes;    // what an operator would like to know all the same
};

struct ConfigurationInForce {
  std::uint64_t revision = 0;
  std::string fingerprint;
  std::string file;
  std::string json;  // without secrets; empty: nothing is in force
};

struct ReloadResult {
  bool ok = false;
  std::uint64_t revision = 0;    // in force now, whether new or not
  std::string diagnostics_json;  // what was found in the file, as JSON; may be empty
  std::string error;             // what is wrong beyond the file; may be empty
};

// A configuration that was in force.
struct ShownRevision {
  store::ConfigRevision revision;
  std::shared_ptr<const std::string> text;  // as written, comments and all: not for everybody
  std::string json;                         // without secrets; empty: the text is no YAML
};

struct RevisionDifference {
  store::ConfigRevision before;
  store::ConfigRevision after;
  std::string changes;  // a JSON object
  std::string diff;     // as `diff -u` writes it, without comments
};

struct RollBackResult {
  enum class Fault : std::uint8_t {
    none,
    no_such_revision,
    store_unavailable,
    audit_unavailable,
    busy,
    file_differs,
    not_writable,
    refused,  // `load` says why
    not_written,
  };
  Fault fault = Fault::none;
  std::string text;
  ReloadResult load;
};

// A request that was not sent.
struct Question {
  std::string method;
  std::string url;
  std::string client;                // an address; empty: loopback
  std::vector<std::string> headers;  // "Name: value"
  bool tls = false;
};

struct Answer {
  std::string json;
  std::string error;  // not empty: the question makes no sense, and this says why
};

class AdminBackend {
 public:
  [[nodiscard]] virtual Readiness readiness() = 0;
  [[nodiscard]] virtual ConfigurationInForce configuration() = 0;
  // The page Prometheus reads.
  [[nodiscard]] virtual std::string metrics() = 0;
  // `actor` is who asked, for the audit trail; empty: nobody knows.
  virtual void reload(std::string actor, std::function<void(ReloadResult)> done) = 0;
  // Newest first.
  using Revisions = store::Outcome<std::vector<store::ConfigRevision>>;
  virtual void revisions(std::function<void(const Revisions&)> done) = 0;
  virtual void find_revision(std::int64_t number,
                             std::function<void(const store::Outcome<ShownRevision>&)> done) = 0;
  virtual void compare_revisions(
      std::int64_t before, std::int64_t after,
      std::function<void(const store::Outcome<RevisionDifference>&)> done) = 0;
  // `force`: also where the file was changed since. `actor` as for reload.
  virtual void roll_back(std::int64_t number, bool force, std::string actor,
                         std::function<void(const RollBackResult&)> done) = 0;
  // Calls `done` with the decision trail as JSON, or with nothing.
  virtual void find_trail(std::string request_id, std::function<void(std::string)> done) = 0;
  [[nodiscard]] virtual Answer explain(const Question& question) = 0;
  // Where callers are kept, and what is changed is recorded: both or neither, and the same as long
  // as the process runs.
  [[nodiscard]] virtual store::Store* store() = 0;
  [[nodiscard]] virtual store::AuditTrail* audit() = 0;
  // How the listener is reached and who may sign in there, as of the configuration in force; never
  // null.
  [[nodiscard]] virtual std::shared_ptr<const config::AdminSettings> settings() = 0;

 protected:
  ~AdminBackend() = default;
};

}  // namespace sallyport::admin
