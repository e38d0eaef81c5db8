#include "cli/waf/ftw_judge.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "seclang/regex.h"

namespace sallyport::cli::waf {
namespace {

using seclang::Regex;

// Skips what may stand between a key and its number.
void skip(std::string_view text, std::size_t& at, std::string_view characters) {
  at = std::min(text.find_first_not_of(characters, at), text.size());
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
  constexpr std::array<std::string_view, 3> kKeys{"[id ", "\"id\":", "\"ruleId\":"};
  std::set<std::int64_t> ids;
  for (const std::string& line : lines) {
    for (std::string_view key : kKeys) {
      for (std::size_t at = line.find(key); at != std::string::npos; at = line.find(key, at)) {
        at += key.size();
        skip(line, at, " \\\"");
        std::int64_t id = 0;
        const char* begin = line.data() + at;
        auto [end, error] = std::from_chars(begin, line.data() + line.size(), id);
        // Not the digits that some other kind of id happens to begin with.
        bool whole =
            end == line.data() + line.size() || std::string_view(" \\\",}]").contains(*end);
        if (error == std::errc{} && whole) ids.insert(id);
      }
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
    reasons.push_back(words("did not match:", missing) +
                      words("; matched:", std::vector(ids.begin(), ids.end())));
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
