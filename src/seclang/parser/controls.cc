// One row per option of ctl.
#include "seclang/parser/controls.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "seclang/parser/targets.h"

namespace sallyport::seclang {
namespace {

struct Reading {
  std::string_view option;  // as in the table
  Piece argument;
  std::vector<Control>& controls;
  Report& report;

  void refuse(const std::string& expected) const {
    report.error(argument.place(),
                 "ctl:" + std::string(option) + ": \"" + argument.text + "\" is not " + expected);
  }
};

template <typename T>
using Choice = std::pair<std::string_view, T>;

template <typename T, std::size_t N>
std::optional<T> choose(const Reading& reading, const std::array<Choice<T>, N>& choices) {
  std::string expected;
  for (const auto& [name, value] : choices) {
    if (text::equals_ignoring_case(name, reading.argument.text)) return value;
    if (!expected.empty()) expected += name == choices.back().first ? " or " : ", ";
    expected += name;
  }
  reading.refuse(expected);
  return std::nullopt;
}

constexpr std::array<Choice<bool>, 2> kOnOff = {{{"On", true}, {"Off", false}}};

void read_rule_engine(const Reading& reading) {
  constexpr std::array<Choice<EngineMode>, 3> kModes = {
      {{"On", EngineMode::on},
       {"Off", EngineMode::off},
       {"DetectionOnly", EngineMode::detection_only}}};
  if (auto mode = choose(reading, kModes)) reading.controls.emplace_back(ControlRuleEngine{*mode});
}

void read_audit_engine(const Reading& reading) {
  constexpr std::array<Choice<AuditMode>, 3> kModes = {
      {{"On", AuditMode::on}, {"Off", AuditMode::off}, {"RelevantOnly", AuditMode::relevant_only}}};
  if (auto mode = choose(reading, kModes)) reading.controls.emplace_back(ControlAuditEngine{*mode});
}

void read_audit_parts(const Reading& reading) {
  std::string parts = reading.argument.text;
  char sign = '=';
  if (parts.starts_with('+') || parts.starts_with('-')) {
    sign = parts.front();
    parts.erase(0, 1);
  }
  if (parts.empty() || parts.find_first_not_of("ABCDEFGHIJKZ") != std::string::npos) {
    return reading.refuse("a list of parts, such as +E");
  }
  reading.controls.emplace_back(ControlAuditParts{.sign = sign, .parts = std::move(parts)});
}

void read_processor(const Reading& reading) {
  constexpr std::array<Choice<Processor>, 4> kProcessors = {{{"JSON", Processor::json},
                                                             {"MULTIPART", Processor::multipart},
                                                             {"URLENCODED", Processor::urlencoded},
                                                             {"XML", Processor::xml}}};
  if (auto processor = choose(reading, kProcessors)) {
    reading.controls.emplace_back(ControlProcessor{*processor});
  }
}

template <bool Request>
void read_body_access(const Reading& reading) {
  if (auto on = choose(reading, kOnOff)) {
    reading.controls.emplace_back(ControlBodyAccess{.request = Request, .on = *on});
  }
}

void read_force_body_variable(const Reading& reading) {
  if (auto on = choose(reading, kOnOff)) {
    reading.controls.emplace_back(ControlForceBodyVariable{*on});
  }
}

void read_parse_xml_into_args(const Reading& reading) {
  using Mode = ControlParseXmlIntoArgs::Mode;
  constexpr std::array<Choice<Mode>, 3> kModes = {
      {{"On", Mode::on}, {"Off", Mode::off}, {"OnlyArgs", Mode::only_args}}};
  if (auto mode = choose(reading, kModes)) {
    reading.controls.emplace_back(ControlParseXmlIntoArgs{*mode});
  }
}

void read_remove_by_id(const Reading& reading) {
  auto ranges = parse_ranges(reading.argument.text);
  if (!ranges) return reading.refuse("a rule id, nor a range of them such as 920100-920199");
  reading.controls.emplace_back(ControlRemoveById{std::move(*ranges)});
}

void read_remove_by_tag(const Reading& reading) {
  reading.controls.emplace_back(ControlRemoveByTag{reading.argument.text});
}

void read_remove_by_msg(const Reading& reading) {
  reading.controls.emplace_back(ControlRemoveByMsg{reading.argument.text});
}

// "which;targets": what stands before the semicolon, and the targets behind it.
std::optional<std::pair<std::string, std::vector<Target>>> split_targets(const Reading& reading) {
  const std::string& text = reading.argument.text;
  std::size_t semicolon = text.find(';');
  std::string which(text::trim(std::string_view(text).substr(0, semicolon)));
  if (which.empty() || semicolon == std::string::npos) {
    reading.refuse("rules and a target, such as 920100;ARGS:name");
    return std::nullopt;
  }
  Piece list{.text = text.substr(semicolon + 1),
             .word = reading.argument.word,
             .offset = reading.argument.offset + semicolon + 1};
  return std::pair{std::move(which), parse_targets(list, reading.report)};
}

void read_remove_target_by_id(const Reading& reading) {
  auto split = split_targets(reading);
  if (!split) return;
  std::optional<RuleRange> range = parse_range(split->first);
  if (!range) return reading.refuse("a rule id and a target, such as 920100;ARGS:name");
  for (Target& target : split->second) {
    reading.controls.emplace_back(ControlRemoveTargetById{*range, std::move(target)});
  }
}

void read_remove_target_by_tag(const Reading& reading) {
  auto split = split_targets(reading);
  if (!split) return;
  for (Target& target : split->second) {
    reading.controls.emplace_back(ControlRemoveTargetByTag{split->first, std::move(target)});
  }
}

struct Row {
  std::string_view option;
  void (*read)(const Reading& reading);
};
constexpr std::array kRows = std::to_array<Row>({
    {"auditEngine", read_audit_engine},
    {"auditLogParts", read_audit_parts},
    {"forceRequestBodyVariable", read_force_body_variable},
    {"parseXmlIntoArgs", read_parse_xml_into_args},
    {"requestBodyAccess", read_body_access<true>},
    {"requestBodyProcessor", read_processor},
    {"responseBodyAccess", read_body_access<false>},
    {"ruleEngine", read_rule_engine},
    {"ruleRemoveById", read_remove_by_id},
    {"ruleRemoveByMsg", read_remove_by_msg},
    {"ruleRemoveByTag", read_remove_by_tag},
    {"ruleRemoveTargetById", read_remove_target_by_id},
    {"ruleRemoveTargetByTag", read_remove_target_by_tag},
});

}  // namespace

void parse_control(const Piece& value, std::vector<Control>& controls, Report& report) {
  const std::string& text = value.text;
  std::size_t equals = text.find('=');
  std::string option(text::trim(std::string_view(text).substr(0, equals)));
  auto same_name = [&](const Row& row) { return text::equals_ignoring_case(row.option, option); };
  const auto* row = std::ranges::find_if(kRows, same_name);
  if (row == kRows.end()) {
    std::vector<std::string_view> all;
    all.reserve(kRows.size());
    for (const Row& each : kRows) all.push_back(each.option);
    std::optional<std::string> near = text::nearest(option, all);
    return report.error(value.place(), "ctl: there is no option " + option,
                        near ? "did you mean ctl:" + *near + "?" : "");
  }
  std::size_t begin = equals == std::string::npos ? text.size() : equals + 1;
  Reading reading{
      .option = row->option,
      .argument = {.text = std::string(text::trim(std::string_view(text).substr(begin))),
                   .word = value.word,
                   .offset = value.offset + begin},
      .controls = controls,
      .report = report};
  if (reading.argument.text.empty()) {
    return report.error(value.place(), "ctl:" + option + " needs a value",
                        "write ctl:" + std::string(row->option) + "=...");
  }
  row->read(reading);
}

std::optional<RuleRange> parse_range(std::string_view text) {
  auto number = [](std::string_view part) -> std::optional<std::int64_t> {
    auto n = text::to_number(text::trim(part));
    if (!n || !std::in_range<std::int64_t>(*n)) return std::nullopt;
    return static_cast<std::int64_t>(*n);
  };
  std::size_t dash = text.find('-');
  std::optional<std::int64_t> first = number(text.substr(0, dash));
  std::optional<std::int64_t> last =
      dash == std::string_view::npos ? first : number(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return RuleRange{.first = *first, .last = *last};
}

std::optional<std::vector<RuleRange>> parse_ranges(std::string_view text) {
  std::vector<RuleRange> ranges;
  for (std::size_t at = text.find_first_not_of(" \t,"); at != std::string_view::npos;
       at = text.find_first_not_of(" \t,", at)) {
    std::size_t end = std::min(text.find_first_of(" \t,", at), text.size());
    std::optional<RuleRange> range = parse_range(text.substr(at, end - at));
    if (!range) return std::nullopt;
    ranges.push_back(*range);
    at = end;
  }
  if (ranges.empty()) return std::nullopt;
  return ranges;
}

}  // namespace sallyport::seclang
