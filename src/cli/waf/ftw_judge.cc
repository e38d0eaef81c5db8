#include "cli/waf/ftw_judge.h"

#include <algorithm>
#include <charconv>

#include "seclang/regex.h"

namespace sallyport::cli::waf {
namespace {

using seclang::Regex;

// The number that begins at `at` or behind quotes, if it is all of a value; `at` moves behind it.
bool take_id(std::string_view line, std::size_t& at, std::set<std::int64_t>& ids) {
  at = std::min(line.find_first_not_of(" \\\"", at), line.size());
  std::int64_t id = 0;
  const char* begin = line.data() + at;
  auto [end, error] = std::from_chars(begin, line.data() + line.size(), id);
  at += static_cast<std::size_t>(end - begin);
  // Not the digits that some other kind of id happens to begin with.
  bool whole = at == line.size() || std::string_view(" \\\",}]").contains(line[at]);
  if (error != std::errc{} || !whole) return false;
  ids.insert(id);
  return true;
}

std::string words(std::string_view what, const std::vector<std::int64_t>& ids) {
  std::string text(what);
  for (std::int64_t id : ids) text += " " + std::to_string(id);
  return text;
}

// Whether the expression finds something in any of the lines; an error is a reason.
bool found_in(const std::string& pattern, const std::vector<std::string>& lines,
              std::vector<std::string>& reasons) {
  std::expected<Regex, std::string> regex = Regex::compile(pattern, {});
  if (!regex) {
    reasons.push_back("the expression cannot be used: " + regex.error());
    return false;
  }
  return std::ranges::any_of(lines, [&](const std::string& line) {
    return regex->search(line, nullptr) == Regex::Outcome::matched;
  });
}

}  // namespace

std::set<std::int64_t> ids_in(const std::vector<std::string>& lines) {
  std::set<std::int64_t> ids;
  for (const std::string& line : lines) {
    for (std::string_view key : {"[id ", "\"id\":", "\"ruleId\":"}) {
      for (std::size_t at = line.find(key); at != std::string::npos; at = line.find(key, at)) {
        at += key.size();
        (void)take_id(line, at, ids);
      }
    }
    constexpr std::string_view kList = "\"sallyport.waf.rules\":[";
    std::size_t at = line.find(kList);
    if (at == std::string::npos) continue;
    for (at += kList.size(); take_id(line, at, ids); ++at) {
    }
  }
  return ids;
}

std::vector<std::string> judge(const FtwOutput& expected, const Observed& observed) {
  std::vector<std::string> reasons;
  if (observed.status == 0) {
    if (!expected.expect_error) reasons.push_back("no answer: " + observed.error);
    return reasons;
  }
  if (!expected.status.empty() &&
      std::ranges::find(expected.status, observed.status) == expected.status.end()) {
    reasons.push_back("status " + std::to_string(observed.status) + " instead of " +
                      std::to_string(expected.status.front()));
  }
  std::set<std::int64_t> ids = ids_in(observed.lines);
  std::vector<std::int64_t> missing;
  for (std::int64_t id : expected.expect_ids) {
    if (!ids.contains(id)) missing.push_back(id);
  }
  std::vector<std::int64_t> unwanted;
  for (std::int64_t id : expected.no_expect_ids) {
    if (ids.contains(id)) unwanted.push_back(id);
  }
  if (!missing.empty()) {
    std::string reason =
        words("did not match:", missing) + words("; matched:", std::vector(ids.begin(), ids.end()));
    // Who answers with an error may not have shown the request to the rules.
    if (observed.status >= 400) reason += "; answered " + std::to_string(observed.status);
    reasons.push_back(std::move(reason));
  }
  if (!unwanted.empty()) reasons.push_back(words("must not match:", unwanted));
  for (const std::string& pattern : expected.match_regex) {
    if (!found_in(pattern, observed.lines, reasons)) reasons.push_back("no line has " + pattern);
  }
  for (const std::string& pattern : expected.no_match_regex) {
    if (found_in(pattern, observed.lines, reasons)) {
      reasons.push_back(
          words("a line has " + pattern + "; matched:", std::vector(ids.begin(), ids.end())));
    }
  }
  return reasons;
}

}  // namespace sallyport::cli::waf
