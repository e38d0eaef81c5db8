// Regression tests in the YAML format of go-ftw, as the Core Rule Set brings them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/waf/exchange.h"
#include "schema/diagnostics.h"

namespace sallyport::cli::waf {

struct FtwInput {
  std::string method = "GET";
  std::string uri = "/";
  std::string version = "HTTP/1.1";
  std::vector<Header> headers;     // those of a map are sorted by name, as go-ftw sends them
  std::string data;                // templates already filled in
  std::optional<std::string> raw;  // the whole request instead
  bool autocomplete_headers = true;
};

struct FtwOutput {
  std::vector<unsigned> status;  // one of them; empty: any
  bool expect_error = false;     // the connection may end without an answer
  std::vector<std::int64_t> expect_ids;
  std::vector<std::int64_t> no_expect_ids;
  std::vector<std::string> match_regex;
  std::vector<std::string> no_match_regex;
};

struct FtwStage {
  FtwInput input;
  FtwOutput output;
};

struct FtwTest {
  std::string group;  // the folder its file is in: the rule file's name
  std::int64_t rule_id = 0;
  std::int64_t test_id = 0;
  std::vector<FtwStage> stages;

  [[nodiscard]] std::string name() const {
    return std::to_string(rule_id) + "-" + std::to_string(test_id);
  }
};

struct FtwSuite {
  std::vector<FtwTest> tests;
  std::size_t files = 0;     // read
  std::size_t empty = 0;     // files without anything in them
  std::size_t disabled = 0;  // tests of files that say enabled: false
};

// Every *.yaml and *.yml below `folder`, or one file, sorted by path.
[[nodiscard]] FtwSuite read_suite(const std::string& folder, schema::Diagnostics& diagnostics);
// One file's text; adds its tests to the suite.
void read_tests(std::string_view text, const std::string& file, const std::string& group,
                FtwSuite& suite, schema::Diagnostics& diagnostics);

// What a test file expects replaced by what an overrides file says. Returns how many tests it was.
std::size_t apply_overrides(std::string_view text, const std::string& file, FtwSuite& suite,
                            schema::Diagnostics& diagnostics);

// Go's {{ "x" | repeat 3 }}; anything else between braces stays as it is.
[[nodiscard]] std::string fill_in_templates(std::string_view text);

}  // namespace sallyport::cli::waf
