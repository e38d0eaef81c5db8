// The plan of a rule set, scanner included, compared with plain evaluation of its rules. For tests.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "seclang/engine/replay.h"
#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"
#include "seclang/test_payloads.h"
#include "seclang/test_plan.h"

namespace sallyport::seclang::corpus {

class Differential {
 public:
  // Of a folder laid out as the Core Rule Set is, at the paranoia level that SALLYPORT_PARANOIA
  // names; by default at the first, as the databases of the fourth take minutes to compile under
  // sanitizers where the cache is cold.
  explicit Differential(const std::string& folder)
      : Differential(core(folder), Cache::of_process()) {}
  Differential(std::shared_ptr<const RuleSet> rules, const Cache& cache)
      : rules_(std::move(rules)), plan_(full_plan(*folded_plan(rules_), cache, kGoOn)) {}

  void compare(std::string_view name, const Recording& recording) {
    ++compared_;
    const Outcome plain = replay(recording, *rules_);
    const Outcome planned = replay(recording, *plan_);
    if (plain.end) ++blocked_;
    EXPECT_EQ(text_of(planned), text_of(plain)) << name;
  }

  [[nodiscard]] std::size_t compared() const { return compared_; }
  [[nodiscard]] std::size_t blocked() const { return blocked_; }

 private:
  static inline const std::atomic<bool> kGoOn{false};

  static std::shared_ptr<const RuleSet> core(const std::string& folder) {
    const char* level = std::getenv("SALLYPORT_PARANOIA");
    auto sources = core_rules(folder, level != nullptr ? std::atoi(level) : 1, "On");
    if (!sources) throw std::runtime_error(sources.error().message);
    auto rules = load(*sources);
    if (!rules) throw std::runtime_error(rules.error().front().message);
    return *rules;
  }

  std::shared_ptr<const RuleSet> rules_;
  std::shared_ptr<const Plan> plan_;
  std::size_t compared_ = 0;
  std::size_t blocked_ = 0;
};

}  // namespace sallyport::seclang::corpus
