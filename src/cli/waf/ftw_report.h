// What a run of regression tests came to, for people and for programs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/waf/ftw_suite.h"

namespace sallyport::cli::waf {

struct FtwFailure {
  std::string group;
  std::string test;                  // "942100-7"
  std::vector<std::string> reasons;  // those of a later stage say so
};

struct FtwReport {
  struct Counts {
    std::size_t total = 0;
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;  // of a higher paranoia level than was asked for
  };
  std::map<std::string, Counts> groups;
  Counts all;
  std::vector<FtwFailure> failures;
  std::size_t files = 0;
  std::size_t overridden = 0;

  void add_passed(const FtwTest& test);
  void add_skipped(const FtwTest& test);
  void add_failed(const FtwTest& test, std::vector<std::string> reasons);
};

void print_report(const FtwReport& report, Terminal& terminal);
[[nodiscard]] std::string to_json(const FtwReport& report);

}  // namespace sallyport::cli::waf
