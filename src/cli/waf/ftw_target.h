// What regression tests are run against: rules in this process, or a gateway that is running.
#pragma once

#include <memory>
#include <string>

#include "cli/plain_connection.h"
#include "cli/waf/ftw_judge.h"
#include "seclang/engine/shared_collections.h"
#include "seclang/ruleset.h"

namespace sallyport::cli::waf {

class FtwTarget {
 public:
  virtual ~FtwTarget() = default;
  // Sends a request and tells what came of it. `wait`: nothing else will come to the log; look
  // again only if what was seen is not what was wanted.
  virtual Observed send(const std::string& bytes) = 0;
  // More of the log of the last request that came late; false: there is nothing new.
  virtual bool look_again(Observed& /*observed*/) { return false; }
};

// The rules, and behind them the backend that reflect.h emulates. A request that the gateway's own
// parser refuses has its status, and is shown to the rules all the same.
class LocalTarget final : public FtwTarget {
 public:
  explicit LocalTarget(std::shared_ptr<const seclang::RuleSet> rules) : rules_(std::move(rules)) {}
  Observed send(const std::string& bytes) override;

 private:
  std::shared_ptr<const seclang::RuleSet> rules_;
};

// A gateway whose log is a file here. Each request stands between two marker requests with the
// header X-CRS-Test; the gateway's rules, or its access log through the query, must log its value.
class RemoteTarget final : public FtwTarget {
 public:
  RemoteTarget(std::string host, std::uint16_t port, std::string log);
  Observed send(const std::string& bytes) override;
  bool look_again(Observed& observed) override;

 private:
  Observed exchange(const std::string& bytes);
  bool mark(const std::string& marker, std::string& error);
  [[nodiscard]] std::string log_from(std::size_t offset) const;
  void collect(Observed& observed) const;

  std::string host_;
  std::uint16_t port_;
  std::string log_;
  std::string id_;         // of the last request's markers
  std::size_t begin_ = 0;  // of its part of the log
};

}  // namespace sallyport::cli::waf
