// Reads an action list into what it asks for, wherever the list stands: at a rule, a link of a
// chain, SecDefaultAction or SecRuleUpdateActionById. What is allowed where is for those to say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seclang/parser/report.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

// What a list says about logging. As in ModSecurity 3, auditlog also says log and noauditlog also
// says nolog; of contradictions the last counts.
struct LogChoice {
  std::optional<bool> log;
  std::optional<bool> audit;

  void then(const LogChoice& later) {
    if (later.log) log = later.log;
    if (later.audit) audit = later.audit;
  }
};

struct ActionSet {
  LinkActions link;
  std::vector<const Transformation*> transformations;
  std::string transformations_text;     // see Link
  bool clears_transformations = false;  // t:none: nothing that stood before counts
  std::vector<std::pair<std::string, std::string>> xml_namespaces;  // see Selector

  std::optional<std::int64_t> id;
  std::optional<int> phase;
  Disruptive disruptive = Disruptive::none;  // the last that was written, `block` apart
  bool block = false;
  std::optional<int> status;
  Macro redirect;
  LogChoice logging;
  bool chain = false;
  std::optional<unsigned> skip;
  std::string skip_after;
  Place skip_after_place;
  std::optional<std::string> rev;
  std::optional<std::string> ver;
  std::optional<int> maturity;
  std::optional<int> accuracy;

  // Every action by its name in lower case, t:none as "t:none".
  std::vector<std::pair<std::string, Place>> written;

  // Of the first action that has one of `names`.
  [[nodiscard]] const std::pair<std::string, Place>* find(
      std::initializer_list<std::string_view> names) const;
};

// "a" and "b" to "a,b".
inline void append_to_list(std::string& list, const std::string& more) {
  if (!list.empty() && !more.empty()) list += ',';
  list += more;
}

// Errors are reported; what is right beside them is still read.
[[nodiscard]] ActionSet parse_actions(const Word& list, Report& report);

}  // namespace sallyport::seclang
