// One row per action: how it is read. What changes variables is in assignments.cc, ctl in
// controls.cc.
#include "seclang/parser/actions.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "seclang/parser/action_list.h"
#include "seclang/parser/assignments.h"
#include "seclang/parser/controls.h"

namespace sallyport::seclang {
namespace {

using Read = void (*)(const WrittenAction& action, ActionSet& set, Report& report);

enum class Value : std::uint8_t { none, required, optional_ };

struct Row {
  std::string_view name;  // as ModSecurity spells it
  Value value;
  Read read;
};

std::optional<std::int64_t> read_number(const WrittenAction& action, std::int64_t least,
                                        std::int64_t most, Report& report) {
  std::optional<std::uint64_t> number = text::to_number(text::trim(action.value.text));
  if (number && std::in_range<std::int64_t>(*number)) {
    auto value = static_cast<std::int64_t>(*number);
    if (value >= least && value <= most) return value;
  }
  std::string range =
      most == std::numeric_limits<std::int64_t>::max() ? " or more" : " to " + std::to_string(most);
  report.error(action.value.place(), action.written.text + ": \"" + action.value.text +
                                         "\" is not a number of " + std::to_string(least) + range);
  return std::nullopt;
}

constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostSkip = 1'000'000;

template <auto Member>
void read_small_number(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto n = read_number(action, 0, std::numeric_limits<int>::max(), report)) {
    set.*Member = static_cast<int>(*n);
  }
}

template <auto Member>
void read_text(const WrittenAction& action, ActionSet& set, Report&) {
  set.*Member = action.value.text;
}

template <Macro LinkActions::* Member>
void read_macro(const WrittenAction& action, ActionSet& set, Report&) {
  set.link.*Member = Macro(action.value.text);
}

template <bool LinkActions::* Member>
void set_flag(const WrittenAction&, ActionSet& set, Report&) {
  set.link.*Member = true;
}

template <Disruptive Kind>
void set_disruptive(const WrittenAction&, ActionSet& set, Report&) {
  set.disruptive = Kind;
}

void read_id(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto id = read_number(action, 1, kAny, report)) set.id = id;
}

void read_phase(const WrittenAction& action, ActionSet& set, Report& report) {
  struct Name {
    std::string_view name;
    int phase;
  };
  constexpr std::array kNames = std::to_array<Name>({{"request", 2},
                                                     {"response", 4},
                                                     {"logging", 5},
                                                     {"1", 1},
                                                     {"2", 2},
                                                     {"3", 3},
                                                     {"4", 4},
                                                     {"5", 5}});
  for (const Name& each : kNames) {
    if (text::equals_ignoring_case(each.name, text::trim(action.value.text))) {
      set.phase = each.phase;
      return;
    }
  }
  report.error(action.value.place(), "phase: there is no phase \"" + action.value.text + "\"",
               "use 1 to 5, or request (2), response (4), logging (5)");
}

void read_severity(const WrittenAction& action, ActionSet& set, Report& report) {
  constexpr std::array<std::string_view, 8> kNames = {"emergency", "alert",  "critical", "error",
                                                      "warning",   "notice", "info",     "debug"};
  std::string_view value = text::trim(action.value.text);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (text::equals_ignoring_case(kNames[i], value) || value == std::to_string(i)) {
      set.link.severity = static_cast<int>(i);
      return;
    }
  }
  report.error(action.value.place(), "severity: there is no severity \"" + action.value.text + "\"",
               "use 0 to 7, or EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG");
}

void read_status(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto status = read_number(action, 100, 599, report)) set.status = static_cast<int>(*status);
}

void read_allow(const WrittenAction& action, ActionSet& set, Report& report) {
  if (!action.has_value) {
    set.disruptive = Disruptive::allow;
  } else if (text::equals_ignoring_case(action.value.text, "phase")) {
    set.disruptive = Disruptive::allow_phase;
  } else if (text::equals_ignoring_case(action.value.text, "request")) {
    set.disruptive = Disruptive::allow_request;
  } else {
    report.error(action.value.place(),
                 "allow: \"" + action.value.text + "\" is neither phase nor request");
  }
}

void read_redirect(const WrittenAction& action, ActionSet& set, Report&) {
  set.disruptive = Disruptive::redirect;
  set.redirect = Macro(action.value.text);
}

void read_skip(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto n = read_number(action, 0, kMostSkip, report)) set.skip = static_cast<unsigned>(*n);
}

void read_skip_after(const WrittenAction& action, ActionSet& set, Report&) {
  set.skip_after = action.value.text;
  set.skip_after_place = action.value.place();
}

void read_tag(const WrittenAction& action, ActionSet& set, Report&) {
  set.link.tags.emplace_back(action.value.text);
}

void read_transformation(const WrittenAction& action, ActionSet& set, Report& report) {
  std::string_view name = text::trim(action.value.text);
  if (text::equals_ignoring_case(name, "none")) {
    set.transformations.clear();
    set.transformations_text.clear();
    set.clears_transformations = true;
    set.written.back().first = "t:none";
    return;
  }
  if (const Transformation* found = find_transformation(name)) {
    set.transformations.push_back(found);
    append_to_list(set.transformations_text, "t:" + std::string(name));
    return;
  }
  std::vector<std::string_view> all;
  for (const Transformation& each : transformations()) all.push_back(each.name);
  std::optional<std::string> near = text::nearest(name, all);
  report.error(action.value.place(), "t: there is no transformation " + std::string(name),
               near ? "did you mean t:" + *near + "?" : "");
}

void read_chain(const WrittenAction&, ActionSet& set, Report&) { set.chain = true; }
void read_block(const WrittenAction&, ActionSet& set, Report&) { set.block = true; }

void read_log(const WrittenAction&, ActionSet& set, Report&) { set.logging.then({.log = true}); }
void read_nolog(const WrittenAction&, ActionSet& set, Report&) { set.logging.then({.log = false}); }
void read_auditlog(const WrittenAction&, ActionSet& set, Report&) {
  set.logging.then({.log = true, .audit = true});
}
void read_noauditlog(const WrittenAction&, ActionSet& set, Report&) {
  set.logging.then({.log = false, .audit = false});
}

void read_setvar(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto setvar = parse_setvar(action.value, report)) set.link.setvars.push_back(*setvar);
}
void read_expirevar(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto expire = parse_expirevar(action.value, report)) set.link.expirevars.push_back(*expire);
}
void read_initcol(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto initcol = parse_initcol(action.value, report)) set.link.initcols.push_back(*initcol);
}
void read_setenv(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto setenv = parse_setenv(action.value, report)) set.link.setenvs.push_back(*setenv);
}
void read_xmlns(const WrittenAction& action, ActionSet& set, Report& report) {
  if (auto xmlns = parse_xmlns(action.value, report)) {
    set.xml_namespaces.push_back(std::move(*xmlns));
  }
}
void read_ctl(const WrittenAction& action, ActionSet& set, Report& report) {
  parse_control(action.value, set.link.controls, report);
}

constexpr std::array kRows = std::to_array<Row>({
    {"accuracy", Value::required, read_small_number<&ActionSet::accuracy>},
    {"allow", Value::optional_, read_allow},
    {"auditlog", Value::none, read_auditlog},
    {"block", Value::none, read_block},
    {"capture", Value::none, set_flag<&LinkActions::capture>},
    {"chain", Value::none, read_chain},
    {"ctl", Value::required, read_ctl},
    {"deny", Value::none, set_disruptive<Disruptive::deny>},
    {"drop", Value::none, set_disruptive<Disruptive::drop>},
    {"expirevar", Value::required, read_expirevar},
    {"id", Value::required, read_id},
    {"initcol", Value::required, read_initcol},
    {"log", Value::none, read_log},
    {"logdata", Value::required, read_macro<&LinkActions::logdata>},
    {"maturity", Value::required, read_small_number<&ActionSet::maturity>},
    {"msg", Value::required, read_macro<&LinkActions::msg>},
    {"multiMatch", Value::none, set_flag<&LinkActions::multi_match>},
    {"noauditlog", Value::none, read_noauditlog},
    {"nolog", Value::none, read_nolog},
    {"pass", Value::none, set_disruptive<Disruptive::pass>},
    {"phase", Value::required, read_phase},
    {"redirect", Value::required, read_redirect},
    {"rev", Value::required, read_text<&ActionSet::rev>},
    {"setenv", Value::required, read_setenv},
    {"setrsc", Value::required, read_macro<&LinkActions::set_rsc>},
    {"setsid", Value::required, read_macro<&LinkActions::set_sid>},
    {"setuid", Value::required, read_macro<&LinkActions::set_uid>},
    {"setvar", Value::required, read_setvar},
    {"severity", Value::required, read_severity},
    {"skip", Value::required, read_skip},
    {"skipAfter", Value::required, read_skip_after},
    {"status", Value::required, read_status},
    {"t", Value::required, read_transformation},
    {"tag", Value::required, read_tag},
    {"ver", Value::required, read_text<&ActionSet::ver>},
    {"xmlns", Value::required, read_xmlns},
});

// Known to ModSecurity, and refused: most of them by ModSecurity 3 as well.
struct LeftOut {
  std::string_view name;
  std::string_view why;
  std::string_view hint;
};
constexpr std::array kLeftOut = std::to_array<LeftOut>({
    {"append", "nothing is added to responses", "remove it"},
    {"deprecatevar", "ModSecurity 3 has none either", "use expirevar"},
    {"exec", "rules start no programs", "remove it; let a log pipeline react instead"},
    {"pause", "a request is not held up", "use a rate limit"},
    {"prepend", "nothing is added to responses", "remove it"},
    {"proxy", "rules do not choose the upstream", "route in the gateway's configuration"},
    {"sanitisearg", "ModSecurity 3 has none either", "mask in the gateway's log settings"},
    {"sanitisematched", "ModSecurity 3 has none either", "mask in the gateway's log settings"},
    {"sanitisematchedbytes", "ModSecurity 3 has none either", "mask in the gateway's log settings"},
    {"sanitiserequestheader", "ModSecurity 3 has none either",
     "mask in the gateway's log settings"},
    {"sanitiseresponseheader", "ModSecurity 3 has none either",
     "mask in the gateway's log settings"},
});

void report_unknown(const WrittenAction& action, Report& report) {
  const std::string& name = action.written.text;
  for (const LeftOut& each : kLeftOut) {
    if (each.name != action.name) continue;
    report.error(action.written.place(),
                 "the action " + name + " is not supported: " + std::string(each.why),
                 std::string(each.hint));
    return;
  }
  std::vector<std::string_view> all;
  all.reserve(kRows.size());
  for (const Row& row : kRows) all.push_back(row.name);
  std::optional<std::string> near = text::nearest(name, all);
  report.error(action.written.place(), "there is no action " + name,
               near ? "did you mean " + *near + "?" : "");
}

void read_action(const WrittenAction& action, ActionSet& set, Report& report) {
  auto same_name = [&](const Row& row) {
    return text::equals_ignoring_case(row.name, action.name);
  };
  const auto* row = std::ranges::find_if(kRows, same_name);
  if (row == kRows.end()) return report_unknown(action, report);

  if (row->value == Value::none && action.has_value) {
    return report.error(action.written.place(), action.written.text + " takes no value");
  }
  if (row->value == Value::required && action.value.text.empty()) {
    return report.error(action.written.place(), action.written.text + " needs a value",
                        "write " + std::string(row->name) + ":'...'");
  }
  set.written.emplace_back(action.name, action.written.place());
  row->read(action, set, report);
}

}  // namespace

const std::pair<std::string, Place>* ActionSet::find(
    std::initializer_list<std::string_view> names) const {
  for (const auto& each : written) {
    if (std::ranges::find(names, each.first) != names.end()) return &each;
  }
  return nullptr;
}

ActionSet parse_actions(const Word& list, Report& report) {
  ActionSet set;
  for (const WrittenAction& action : split_actions(list, report)) read_action(action, set, report);
  return set;
}

}  // namespace sallyport::seclang
