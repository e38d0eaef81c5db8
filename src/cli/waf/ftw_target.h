// What regression tests are run against: rules in this process, or a gateway that is running.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/waf/ftw_judge.h"
#include "seclang/engine/shared_collections.h"
#include "seclang/ruleset.h"

namespace sallyport::cli::waf {

class FtwTarget {
 public:
  virtual ~FtwTarget() = default;
  // Sends requests one after the other and tells what came of each.
  [[nodiscard]] virtual std::vector<Observed> send(const std::vector<std::string>& requests) = 0;
};

// The rules, and behind them the backend that reflect.h emulates. A request that the gateway's own
// parser refuses has its status, and is shown to the rules all the same.
class LocalTarget final : public FtwTarget {
 public:
  explicit LocalTarget(std::shared_ptr<const seclang::RuleSet> rules) : rules_(std::move(rules)) {}
  std::vector<Observed> send(const std::vector<std::string>& requests) override;

 private:
  [[nodiscard]] Observed inspect(const std::string& bytes) const;

  std::shared_ptr<const seclang::RuleSet> rules_;
};

// A server whose log is a file here. Sallyport's answers name their log lines (X-Request-ID). With
// another server each request stands between two marker requests, as go-ftw sends them: its rules
// must log the header X-CRS-Test, or its log must have the query.
class RemoteTarget final : public FtwTarget {
 public:
  RemoteTarget(std::string host, std::uint16_t port, std::string log);
  std::vector<Observed> send(const std::vector<std::string>& requests) override;

 private:
  struct Answer {
    unsigned status = 0;
    std::string id;     // X-Request-ID
    std::string error;  // where there is none
  };
  [[nodiscard]] Answer exchange(const std::string& bytes) const;
  [[nodiscard]] Answer mark(const std::string& marker) const;
  [[nodiscard]] std::string log_from(std::size_t offset) const;
  [[nodiscard]] std::size_t log_size() const;
  // Whether the text comes into the log behind `begin` while patience lasts.
  [[nodiscard]] bool logged(const std::string& text, std::size_t begin) const;

  std::vector<Observed> send_named(const std::vector<std::string>& requests) const;
  Observed send_marked(const std::string& bytes) const;

  std::string host_;
  std::uint16_t port_;
  std::string log_;
};

}  // namespace sallyport::cli::waf
