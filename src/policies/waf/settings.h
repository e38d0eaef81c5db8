// What the file may say about the policy `waf`.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/field.h"
#include "schema/types.h"
#include "seclang/ruleset.h"

namespace sallyport::policies::waf_detail {

enum class WafMode : std::uint8_t { off, detect, block, monitor };
constexpr auto enum_names(WafMode /*mode*/) {
  return std::array{
      schema::EnumName{"off", WafMode::off, "Nothing is inspected, no rule is loaded."},
      schema::EnumName{"detect", WafMode::detect, "Every rule runs; what matches is recorded."},
      schema::EnumName{"block", WafMode::block, "Rules that refuse end the exchange."},
      schema::EnumName{"monitor", WafMode::monitor,
                       "As `block` to the rules, but their verdict is only recorded."}};
}

enum class Beyond : std::uint8_t { deny, pass };
constexpr auto enum_names(Beyond /*what*/) {
  return std::array{
      schema::EnumName{"deny", Beyond::deny, "Longer bodies are refused."},
      schema::EnumName{"pass", Beyond::pass, "Their beginning is inspected, and the log says so."}};
}

enum class Switch : std::uint8_t { off, on };
constexpr auto enum_names(Switch /*position*/) {
  return std::array{schema::EnumName{"off", Switch::off}, schema::EnumName{"on", Switch::on}};
}

struct Thresholds {
  std::optional<std::uint32_t> inbound;
  std::optional<std::uint32_t> outbound;
  static schema::Fields<Thresholds> fields();
};

struct BodySettings {
  schema::Size depth{128 * schema::kKiB};
  Beyond beyond = Beyond::deny;
  static schema::Fields<BodySettings> fields();
};

struct AuditSettings {
  schema::FilePath file;
  Switch bodies = Switch::off;
  static schema::Fields<AuditSettings> fields();
};

struct Exclusion {
  std::optional<seclang::RuleRange> rule;
  std::optional<std::string> tag;
  std::optional<std::string> target;
  std::string reason;
  std::optional<std::chrono::sys_days> expires;
  static schema::Fields<Exclusion> fields();
};

struct Config {
  WafMode mode = WafMode::detect;
  std::optional<std::uint32_t> paranoia;
  Thresholds thresholds;
  std::vector<schema::Marked<schema::FilePath>> rules;
  std::vector<schema::Marked<Exclusion>> exclusions;
  Switch responses = Switch::off;
  BodySettings body;
  std::optional<schema::Marked<AuditSettings>> audit_log;
  schema::Percent verify{0.01};
};
[[nodiscard]] schema::Fields<Config> fields();

// "2026-12-31".
[[nodiscard]] std::string date_text(std::chrono::sys_days date);

}  // namespace sallyport::policies::waf_detail

namespace sallyport::schema {

template <>
struct Codec<seclang::RuleRange> : ScalarCodec<seclang::RuleRange, Codec<seclang::RuleRange>> {
  static constexpr std::string_view kType = "rule id or range of them";
  static constexpr std::string_view kPattern = "^[0-9]+(-[0-9]+)?$";
  static constexpr std::string_view kHint = "`942100`, `942100-942199`";
  static Parsed<seclang::RuleRange> parse(std::string_view text);
  static std::string text(const seclang::RuleRange& range);
  // A bare number is an id too.
  static Shape shape(const seclang::RuleRange& initial);
};

template <>
struct Codec<std::chrono::sys_days>
    : ScalarCodec<std::chrono::sys_days, Codec<std::chrono::sys_days>> {
  static constexpr std::string_view kType = "date";
  static constexpr std::string_view kPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
  static constexpr std::string_view kHint = "`2027-01-31`";
  static Parsed<std::chrono::sys_days> parse(std::string_view text);
  static std::string text(const std::chrono::sys_days& date) {
    return policies::waf_detail::date_text(date);
  }
};

}  // namespace sallyport::schema
