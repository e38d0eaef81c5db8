// For tests only: a backend that answers what it was told, and keeps what has to wait.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "admin/admin_backend.h"
#include "config/snapshot.h"

namespace sallyport::admin::testing {

class FakeBackend final : public AdminBackend {
 public:
  [[nodiscard]] Readiness readiness() override { return ready; }
  [[nodiscard]] ConfigurationInForce configuration() override { return config; }
  [[nodiscard]] std::string metrics() override { return page; }
  void reload(std::string actor, std::function<void(ReloadResult)> done) override {
    ++reloads;
    reloaded_by = std::move(actor);
    if (later) {
      waiting.push_back(std::move(done));
    } else {
      done(reloaded);
    }
  }
  void find_trail(std::string request_id, std::function<void(std::string)> done) override {
    done(request_id == "known" ? R"({"request_id":"known"})" : "");
  }
  [[nodiscard]] Answer explain(const Question& question) override {
    asked = question;
    if (question.method == "BAD") return {.json = {}, .error = "bad method"};
    return {.json = R"({"outcome":"forwarded"})", .error = {}};
  }

  [[nodiscard]] store::Store* store() override { return kept; }
  [[nodiscard]] store::AuditTrail* audit() override { return trail; }
  [[nodiscard]] std::shared_ptr<const config::AdminSettings> settings() override { return admin; }

  Readiness ready{.ready = true, .revision = 3, .reasons = {}, .notes = {}};
  ConfigurationInForce config{
      .revision = 3, .fingerprint = "abc", .file = "x.yaml", .json = R"({"listen":[]})"};
  std::string page = "metric 1\n";
  ReloadResult reloaded{.ok = true, .revision = 4, .diagnostics_json = {}, .error = {}};
  Question asked;
  int reloads = 0;
  std::string reloaded_by;
  store::Store* kept = nullptr;
  store::AuditTrail* trail = nullptr;
  std::shared_ptr<const config::AdminSettings> admin =
      std::make_shared<const config::AdminSettings>();
  bool later = false;
  std::vector<std::function<void(ReloadResult)>> waiting;
};

}  // namespace sallyport::admin::testing
