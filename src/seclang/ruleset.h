// Rules as they were loaded: what the parser makes and the engine reads. Immutable once loaded,
// shared by all threads.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "seclang/error.h"
#include "seclang/macro.h"
#include "seclang/operators/operator.h"
#include "seclang/regex.h"
#include "seclang/transformations/transformation.h"
#include "seclang/variables.h"

namespace sallyport::seclang {

class GeoDatabase;

// Which values of a collection: all, one name, or the names a regular expression finds.
struct Selector {
  std::string name;                    // in lower case; empty: all. For XML: the XPath expression
  std::size_t hash = 0;                // of the name
  std::shared_ptr<const Regex> regex;  // null: not a regular expression
  std::string text;                    // as written; for messages
  // Of an XPath expression: prefix and URI (xmlns).
  std::vector<std::pair<std::string, std::string>> namespaces;
  [[nodiscard]] bool all() const { return name.empty() && regex == nullptr; }
};

struct Target {
  Variable variable{};
  Selector selector;
  bool count = false;    // &ARGS: how many there are
  bool exclude = false;  // !ARGS:x
};

struct SetVar {
  enum class Kind : std::uint8_t { set, add, subtract, unset };
  Kind kind = Kind::set;
  Variable collection = Variable::tx;
  Macro key;    // macros may stand in it
  Macro value;  // of `set`; of `add` and `subtract` what is added, an integer when expanded
};

struct ExpireVar {
  Variable collection = Variable::tx;
  Macro key;
  Macro seconds;
};

struct InitCol {
  Variable collection = Variable::global;
  Macro key;
};

// ctl: what a matching rule changes for the rest of its transaction.
struct RuleRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  [[nodiscard]] bool contains(std::int64_t id) const { return id >= first && id <= last; }
};
enum class Processor : std::uint8_t { none, urlencoded, multipart, json, xml };
enum class EngineMode : std::uint8_t { off, on, detection_only };
enum class AuditMode : std::uint8_t { off, on, relevant_only };
struct ControlRuleEngine {
  EngineMode mode;
};
struct ControlRemoveById {
  std::vector<RuleRange> ranges;
};
struct ControlRemoveByTag {
  std::string tag;
};
struct ControlRemoveByMsg {
  std::string msg;
};
struct ControlRemoveTargetById {
  RuleRange ids;
  Target target;
};
struct ControlRemoveTargetByTag {
  std::string tag;
  Target target;
};
struct ControlProcessor {
  Processor processor;
};
struct ControlBodyAccess {
  bool request;  // else the response's
  bool on;
};
struct ControlForceBodyVariable {
  bool on;
};
struct ControlAuditEngine {
  AuditMode mode;
};
struct ControlAuditParts {
  char sign;  // '+', '-' or '=': add, remove, set
  std::string parts;
};
struct ControlParseXmlIntoArgs {
  enum class Mode : std::uint8_t { off, on, only_args } mode;
};
using Control = std::variant<ControlRuleEngine, ControlRemoveById, ControlRemoveByTag,
                             ControlRemoveByMsg, ControlRemoveTargetById, ControlRemoveTargetByTag,
                             ControlProcessor, ControlBodyAccess, ControlForceBodyVariable,
                             ControlAuditEngine, ControlAuditParts, ControlParseXmlIntoArgs>;

enum class Disruptive : std::uint8_t {
  none,  // the rule says nothing: SecDefaultAction decides only with `block`
  pass,
  block,
  deny,
  drop,
  redirect,
  allow,          // ends inspection but for logging
  allow_phase,    // ends this phase
  allow_request,  // ends the request phases
};

// The actions of one link. Those that only the first link of a chain may have are in `Rule`.
struct LinkActions {
  Macro msg;
  Macro logdata;
  std::optional<int> severity;  // 0 (emergency) to 7 (debug)
  std::vector<Macro> tags;
  std::vector<SetVar> setvars;
  std::vector<ExpireVar> expirevars;
  std::vector<InitCol> initcols;
  std::vector<Control> controls;
  std::vector<std::pair<std::string, Macro>> setenvs;
  Macro set_uid;
  Macro set_sid;
  Macro set_rsc;
  bool capture = false;
  bool multi_match = false;
};

// One SecRule of a chain, or a SecAction (then there are no targets and no operator).
struct Link {
  std::vector<Target> targets;  // in the order written, exclusions included
  std::unique_ptr<Operator> op;
  bool negated = false;
  std::string operator_name;  // "rx"; "unconditionalMatch" for a SecAction
  Macro argument;             // of the operator
  std::vector<const Transformation*> transformations;
  std::string transformations_text;  // as written, for logs: "t:lowercase,t:trim"
  LinkActions actions;
  unsigned line = 0;

  // All texts of the link in which macros may stand.
  void for_each_macro(const std::function<void(const Macro&)>& each) const;
};

struct Rule {
  std::int64_t id = 0;
  int phase = 2;           // 1 to 5
  std::deque<Link> chain;  // never empty; [0] is the rule's own
  Disruptive disruptive = Disruptive::none;
  std::optional<int> status;
  Macro redirect;          // where to
  bool log = true;         // nolog: false
  bool audit = true;       // noauditlog: false
  bool injection = false;  // its tags say that it looks for injected code, paths or markup
  unsigned skip = 0;       // rules of this phase to leave out after a match
  std::string skip_after;  // marker to go on behind after a match
  std::string rev;
  std::string ver;
  int maturity = 0;
  int accuracy = 0;
  std::string file;
  unsigned line = 0;
  // skip_after resolved: the rule of the same phase to go on with (its size: the phase ends).
  std::size_t skip_to = 0;

  // As written, macros not replaced; of any link.
  [[nodiscard]] bool has_tag(std::string_view tag) const;
  [[nodiscard]] bool has_message(std::string_view message) const;
};

// What SecDefaultAction says for one phase.
struct DefaultActions {
  bool given = false;
  Disruptive disruptive = Disruptive::pass;  // what `block` means
  std::optional<int> status;
  Macro redirect;
  bool log = true;
  bool audit = true;
  std::vector<const Transformation*> transformations;
  LinkActions actions;
};

// A rule that a directive took away when the rules were loaded.
struct RemovedRule {
  std::int64_t id = 0;
  std::string_view directive;  // "SecRuleRemoveByTag"
};

struct Settings {
  EngineMode engine = EngineMode::detection_only;
  // Not said: phase 2 runs, and looks at what body it is given.
  std::optional<bool> request_body_access;
  bool response_body_access = false;
  bool request_body_limit_reject = true;  // else ProcessPartial
  bool response_body_limit_reject = true;
  ControlParseXmlIntoArgs::Mode parse_xml_into_args = ControlParseXmlIntoArgs::Mode::off;
  char argument_separator = '&';
  AuditMode audit_engine = AuditMode::off;
  bool audit_json = false;
  bool audit_concurrent = false;
  std::size_t request_body_limit = 134'217'728;
  std::size_t request_body_no_files_limit = 0;  // 0: none
  std::size_t response_body_limit = 524'288;
  std::vector<std::string> response_mime_types = {"text/plain", "text/html", "text/xml"};
  std::size_t json_depth_limit = 10'000;
  std::size_t arguments_limit = 1000;  // 0: none
  std::uint32_t pcre_match_limit = 0;
  unsigned collection_timeout = 3600;  // seconds
  std::size_t upload_file_limit = 100;
  std::shared_ptr<const UnicodeMap> unicode_map;
  std::shared_ptr<const GeoDatabase> geo;  // null: none
  bool xml_external_entity = false;  // whether @validateDTD and @validateSchema may read files
  std::string audit_parts = "ABCFHZ";
  std::string audit_log;
  std::string audit_storage_directory;
  std::shared_ptr<const Regex> audit_relevant_status;
  std::string component_signature;  // of all, joined by ", "
  std::string web_app_id;
  std::string data_directory;
};

struct RuleSet {
  Settings settings;
  std::array<std::deque<Rule>, 6> phases;  // [1] to [5]; [0] is empty
  std::array<DefaultActions, 6> defaults;  // likewise
  // Every file that was read, in order; for watching them and for the key of the plan's cache.
  std::vector<std::string> files;
  std::vector<std::pair<std::string, unsigned>> ignored;  // directives without meaning here
  std::vector<RemovedRule> removed;
  LoadErrors warnings;  // what was accepted as ModSecurity accepts it, and looks like a mistake

  [[nodiscard]] const Rule* find(std::int64_t id) const;
};

}  // namespace sallyport::seclang
