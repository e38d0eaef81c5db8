#include "seclang/plan/conditions.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "seclang/plan/databases.h"
#include "seclang/plan/pattern_tree.h"

namespace sallyport::seclang {
namespace {

// Whether the operator's answer hangs on the value and the argument alone.
bool pure(std::string_view name) {
  static constexpr std::array<std::string_view, 27> kPure = {"beginsWith",
                                                             "contains",
                                                             "containsWord",
                                                             "detectSQLi",
                                                             "detectXSS",
                                                             "endsWith",
                                                             "eq",
                                                             "ge",
                                                             "gt",
                                                             "ipMatch",
                                                             "ipMatchFromFile",
                                                             "le",
                                                             "lt",
                                                             "noMatch",
                                                             "pm",
                                                             "pmFromFile",
                                                             "rx",
                                                             "rxGlobal",
                                                             "streq",
                                                             "strmatch",
                                                             "validateByteRange",
                                                             "validateUrlEncoding",
                                                             "validateUtf8Encoding",
                                                             "verifyCC",
                                                             "verifyCPF",
                                                             "verifySSN",
                                                             "within"};
  return std::ranges::any_of(
      kPure, [&](std::string_view known) { return text::equals_ignoring_case(known, name); });
}

// The operator cannot give up, which would be counted and said.
bool always_answers(const Link& link) {
  constexpr std::size_t kSmall = 64;  // nodes of a pattern
  if (text::equals_ignoring_case(link.operator_name, "rxGlobal")) return false;
  if (!text::equals_ignoring_case(link.operator_name, "rx")) return true;
  if (!link.argument.literal()) return false;
  std::optional<PatternTree> pattern = PatternTree::parse(link.argument.source());
  return pattern && pattern->nodes() <= kSmall;
}

// The link leaves nothing behind when it matches and the chain does not.
bool without_effect(const Link& link, bool severity_is_read) {
  const LinkActions& actions = link.actions;
  return actions.setvars.empty() && !actions.capture && (!actions.severity || !severity_is_read) &&
         !actions.multi_match && link.op != nullptr && always_answers(link);
}

std::optional<std::array<std::vector<Condition::Pattern>, kTiers>> patterns_of(const Link& link) {
  if (link.negated || !link.argument.literal()) return std::nullopt;
  if (std::ranges::any_of(link.targets, &Target::count)) return std::nullopt;
  std::array<std::vector<Condition::Pattern>, kTiers> all;
  if (const std::vector<std::string>* phrases = link.op->phrases(); phrases != nullptr) {
    for (const std::string& phrase : *phrases) {
      if (phrase.empty()) return std::nullopt;
      for (std::size_t tier = tier_of(marks_of(std::string_view(phrase))); tier < kTiers; ++tier) {
        all.at(tier).push_back({.text = literal_pattern(phrase), .caseless = true});
      }
    }
    return all;
  }
  if (!text::equals_ignoring_case(link.operator_name, "rx") || link.argument.empty()) {
    return std::nullopt;
  }
  std::optional<PatternTree> pattern = PatternTree::parse(link.argument.source());
  if (!pattern) return std::nullopt;
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    if (auto rest = pattern->within(alphabet_of(tier))) {
      all.at(tier).push_back({.text = rest->text(), .size = rest->nodes()});
    }
  }
  return all;
}

// The texts that the link looks at are known when its phase runs.
bool looks_at_known(const Link& link, int phase) {
  return std::ranges::all_of(link.targets, [&](const Target& target) {
    if (target.exclude) return true;
    std::optional<Station> station = station_of(target);
    return station && static_cast<int>(*station) <= phase;
  });
}

// Asked what a value is not, nearly every value more than the link looks at says yes: these are the
// targets whose values are told apart.
bool exactly_told(const Target& target) {
  return target.exclude || target.count || target.selector.all() ||
         (target.selector.regex == nullptr && target.variable == Variable::request_headers) ||
         target.variable == Variable::xml;
}

}  // namespace

std::optional<Station> station_of(const Target& target) {
  switch (target.variable) {
    case Variable::args_get:
    case Variable::args_get_names:
    case Variable::path_info:
    case Variable::query_string:
    case Variable::request_basename:
    case Variable::request_cookies:
    case Variable::request_cookies_names:
    case Variable::request_filename:
    case Variable::request_headers:
    case Variable::request_headers_names:
    case Variable::request_line:
    case Variable::request_method:
    case Variable::request_protocol:
    case Variable::request_uri:
    case Variable::request_uri_raw:
    case Variable::remote_addr:
      return Station::head;
    case Variable::args:
    case Variable::args_names:
      // Those of the query; those of the body are looked at when they come. All are counted then.
      return target.count ? Station::body : Station::head;
    case Variable::args_combined_size:
    case Variable::args_post:
    case Variable::args_post_names:
    case Variable::files_combined_size:
    case Variable::multipart_boundary_quoted:
    case Variable::multipart_boundary_whitespace:
    case Variable::multipart_crlf_lf_lines:
    case Variable::multipart_data_after:
    case Variable::multipart_data_before:
    case Variable::multipart_file_limit_exceeded:
    case Variable::multipart_header_folding:
    case Variable::multipart_invalid_header_folding:
    case Variable::multipart_invalid_part:
    case Variable::multipart_invalid_quoting:
    case Variable::multipart_lf_line:
    case Variable::multipart_missing_semicolon:
    case Variable::multipart_strict_error:
    case Variable::multipart_unmatched_boundary:
    case Variable::reqbody_error:
    case Variable::request_body_length:
    case Variable::files:
    case Variable::files_names:
    case Variable::files_tmp_content:
    case Variable::full_request:
    case Variable::multipart_filename:
    case Variable::multipart_name:
    case Variable::multipart_part_headers:
    case Variable::request_body:
    case Variable::xml:
      return Station::body;
    case Variable::response_content_type:
    case Variable::response_headers:
    case Variable::response_headers_names:
    case Variable::response_protocol:
      return Station::response_head;
    case Variable::response_body:
      return Station::response_body;
    default:
      return std::nullopt;
  }
}

bool reads_severity(const RuleSet& rules) {
  bool reads = false;
  for (const std::deque<Rule>& phase : rules.phases) {
    for (const Rule& rule : phase) {
      for (const Link& link : rule.chain) {
        for (const Target& target : link.targets) {
          reads = reads || target.variable == Variable::highest_severity;
        }
        link.for_each_macro([&](const Macro& macro) {
          for (const MacroPart& part : macro.parts()) {
            reads = reads || part.variable == Variable::highest_severity;
          }
        });
      }
    }
  }
  return reads;
}

std::vector<Condition> conditions_of(const Rule& rule, const Folding& folding,
                                     bool severity_is_read) {
  std::vector<Condition> all;
  for (const Link& link : rule.chain) {
    if (link.op != nullptr && looks_at_known(link, rule.phase)) {
      Condition condition{.link = &link, .argument = link.argument.source()};
      if (auto patterns = patterns_of(link)) {
        condition.by_patterns = true;
        condition.patterns = std::move(*patterns);
        all.push_back(std::move(condition));
      } else if (std::optional<std::string> argument = folding.constant(link.argument);
                 argument && pure(link.operator_name) &&
                 (!link.negated || std::ranges::all_of(link.targets, exactly_told))) {
        condition.argument = std::move(*argument);
        all.push_back(std::move(condition));
      }
    }
    if (!without_effect(link, severity_is_read)) break;
  }
  return all;
}

}  // namespace sallyport::seclang
