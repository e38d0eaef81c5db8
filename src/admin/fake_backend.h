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
  void revisions(std::function<void(const Revisions&)> done) override {
    std::vector<store::ConfigRevision> all;
    for (const ShownRevision& each : former) all.push_back(each.revision);
    done(all);
  }
  void find_revision(std::int64_t number,
                     std::function<void(const store::Outcome<ShownRevision>&)> done) override {
    done(found(number));
  }
  void compare_revisions(
      std::int64_t before, std::int64_t after,
      std::function<void(const store::Outcome<RevisionDifference>&)> done) override {
    auto first = found(before);
    auto second = found(after);
    if (!first) return done(store::fail(first));
    if (!second) return done(store::fail(second));
    done(RevisionDifference{.before = first->revision,
                            .after = second->revision,
                            .changes = R"({"changes":[],"more":0})",
                            .diff = "-a\n+b\n"});
  }
  void roll_back(std::int64_t number, bool force, std::string actor,
                 std::function<void(const RollBackResult&)> done) override {
    rolled_back_to = number;
    forced = force;
    rolled_back_by = std::move(actor);
    done(roll_back_result);
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

  [[nodiscard]] store::Outcome<ShownRevision> found(std::int64_t number) const {
    for (const ShownRevision& each : former) {
      if (each.revision.number == number) return each;
    }
    return store::fail(store::ErrorKind::not_found, "there is no such revision");
  }

  Readiness ready{.ready = true, .revision = 3, .reasons = {}, .notes = {}};
  ConfigurationInForce config{
      .revision = 3, .fingerprint = "abc", .file = "x.yaml", .json = R"({"listen":[]})"};
  std::string page = "metric 1\n";
  ReloadResult reloaded{.ok = true, .revision = 4, .diagnostics_json = {}, .error = {}};
  std::vector<ShownRevision> former;  // newest first
  RollBackResult roll_back_result;
  std::int64_t rolled_back_to = 0;
  bool forced = false;
  std::string rolled_back_by;
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
