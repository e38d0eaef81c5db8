// The tables of the policy's keys, and the scalars only it has.
#include "policies/waf/settings.h"

#include <limits>

#include "base/text.h"

namespace sallyport::policies::waf_detail {
namespace {

using schema::field;

constexpr std::uint64_t kSmallestDepth = schema::kKiB;
constexpr std::uint64_t kLargestDepth = 64 * schema::kMiB;  // is held in memory, per request

// They stand in quotes in a line of the rule language.
std::string word_fault(const std::string& word) {
  if (word.empty()) return "must not be empty";
  for (char c : word) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ') {
      return "must not hold quotes, backslashes or control characters";
    }
  }
  return {};
}

std::string target_fault(const std::string& target) {
  if (target.starts_with('!') || target.starts_with('&')) {
    return "names what is left out, without '!' or '&'";
  }
  return word_fault(target);
}

std::string reason_fault(const std::string& reason) {
  return text::trim(reason).empty() ? "must say why" : std::string();
}

}  // namespace

schema::Fields<Thresholds> Thresholds::fields() {
  constexpr std::uint32_t kMost = 1'000'000;
  return {
      field("inbound", &Thresholds::inbound, "Score from which a request is refused.")
          .range(1, kMost)
          .default_text("what the rules say; 5 in the Core Rule Set"),
      field("outbound", &Thresholds::outbound, "Score from which a response is held back.")
          .range(1, kMost)
          .default_text("what the rules say; 4 in the Core Rule Set"),
  };
}

schema::Fields<BodySettings> BodySettings::fields() {
  return {
      field("depth", &BodySettings::depth,
            "How much of a body is held back and inspected. Of responses too.")
          .range({kSmallestDepth}, {kLargestDepth}),
      field("beyond", &BodySettings::beyond,
            "What becomes of requests with longer bodies. Longer responses always go on."),
  };
}

schema::Fields<AuditSettings> AuditSettings::fields() {
  schema::Fields<AuditSettings> table{
      field("file", &AuditSettings::file,
            "Where a JSON line is written about each exchange in which rules matched, as "
            "ModSecurity writes it. Opened again when it was moved away.")
          .required()
          .example("/var/log/sallyport/waf.json"),
      field("bodies", &AuditSettings::bodies, "Whether bodies are written too."),
  };
  return table.shorthand("file");
}

schema::Fields<Exclusion> Exclusion::fields() {
  schema::Fields<Exclusion> table{
      field("rule", &Exclusion::rule, "Rule, or range of rules, to leave out.").example("942100"),
      field("tag", &Exclusion::tag, "Leaves out every rule with this tag.")
          .check(word_fault)
          .example("attack-sqli"),
      field("target", &Exclusion::target,
            "Only this variable is left out, and the rules look at all others.")
          .check(target_fault)
          .example("ARGS:comment"),
      field("reason", &Exclusion::reason, "Why.").required().check(reason_fault),
      field("expires", &Exclusion::expires,
            "From this day on the exclusion, which still holds, is warned of."),
  };
  return table.exactly_one_of({"rule", "tag"});
}

schema::Fields<Config> fields() {
  return {
      field("mode", &Config::mode, "What a verdict of the rules comes to."),
      field("paranoia", &Config::paranoia,
            "Paranoia level of the Core Rule Set: more rules, and more false alarms.")
          .range(1, 4)
          .default_text("what crs-setup.conf says; 1 without it"),
      field("thresholds", &Config::thresholds, "Scores from which the Core Rule Set refuses."),
      field("rules", &Config::rules,
            "Rule files, patterns like `rules/*.conf`, folders of a rule set, or `crs` for the "
            "OWASP Core Rule Set of the system, in the order they are to be loaded.")
          .or_single()
          .min_items(1)
          .default_text("`crs`"),
      field("exclusions", &Config::exclusions, "What is left out of the rules, and why."),
      field("responses", &Config::responses,
            "Whether responses are inspected too. Upstreams are then asked not to compress them."),
      field("body", &Config::body, "How far bodies are inspected."),
      field("audit_log", &Config::audit_log, "The audit log.").default_text("none"),
      field("verify", &Config::verify,
            "Share of exchanges in which every rule is evaluated once more, in full, on a thread "
            "of its own, to prove that the faster evaluation left nothing out. `0%`: none."),
  };
}

std::string date_text(std::chrono::sys_days date) {
  std::chrono::year_month_day day(date);
  auto digits = [](unsigned value, std::size_t count) {
    std::string text = std::to_string(value);
    return std::string(count - std::min(count, text.size()), '0') + text;
  };
  return digits(static_cast<unsigned>(static_cast<int>(day.year())), 4) + '-' +
         digits(static_cast<unsigned>(day.month()), 2) + '-' +
         digits(static_cast<unsigned>(day.day()), 2);
}

}  // namespace sallyport::policies::waf_detail

namespace sallyport::schema {

Parsed<seclang::RuleRange> Codec<seclang::RuleRange>::parse(std::string_view text) {
  std::size_t dash = text.find('-');
  auto first = text::to_number(text.substr(0, dash));
  auto last = dash == std::string_view::npos ? first : text::to_number(text.substr(dash + 1));
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!first || !last || *first == 0 || *last > kMost) return std::unexpected(Problem{});
  if (*first > *last) return std::unexpected(Problem{.message = "it ends before it begins"});
  return seclang::RuleRange{.first = static_cast<std::int64_t>(*first),
                            .last = static_cast<std::int64_t>(*last)};
}

std::string Codec<seclang::RuleRange>::text(const seclang::RuleRange& range) {
  std::string first = std::to_string(range.first);
  return range.first == range.last ? first : first + '-' + std::to_string(range.last);
}

Shape Codec<seclang::RuleRange>::shape(const seclang::RuleRange& initial) {
  Shape shape;
  shape.kind = Shape::Kind::either;
  shape.type = kType;
  shape.format_hint = kHint;
  shape.inner = {ScalarCodec::shape(initial),
                 integer_shape(1, std::numeric_limits<std::int64_t>::max())};
  return shape;
}

Parsed<std::chrono::sys_days> Codec<std::chrono::sys_days>::parse(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::unexpected(Problem{});
  auto year = text::to_number(text.substr(0, 4));
  auto month = text::to_number(text.substr(5, 2));
  auto day = text::to_number(text.substr(8, 2));
  if (!year || !month || !day) return std::unexpected(Problem{});
  std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                   std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::unexpected(Problem{.message = "there is no such day"});
  return std::chrono::sys_days(date);
}

}  // namespace sallyport::schema
