// Rules as they were read, before what other directives say about them is applied.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "seclang/parser/actions.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

struct LinkDraft {
  bool is_action = false;  // SecAction: it has no targets and no operator
  std::vector<Target> targets;
  bool negated = false;
  std::string operator_name;
  std::string operator_argument;
  Place operator_place;
  ActionSet actions;
  Place place;
};

struct RuleDraft {
  std::string file;
  Place place;
  std::vector<LinkDraft> links;  // never empty
};

// A marker stands between rules, in every phase: in front of the rule with that index.
struct Marker {
  std::string name;
  std::array<std::size_t, 6> positions{};
};

struct DefaultDraft {
  std::string file;
  Place place;
  ActionSet actions;
};

// Which rules a directive such as SecRuleRemoveByTag is about.
struct RuleChoice {
  std::vector<RuleRange> ids;
  std::string tag;
  std::string msg;
  std::size_t link = 0;  // of the chain; for "id:link"
};

struct TargetUpdate {
  RuleChoice rules;
  std::vector<Target> targets;
};

struct ActionUpdate {
  RuleChoice rules;
  ActionSet actions;
};

struct Drafts {
  // [0]: rules with an error, kept so that what else is wrong with them is found.
  std::array<std::deque<RuleDraft>, 6> phases;
  std::map<std::int64_t, std::pair<std::string, unsigned>> ids;  // where each was given
  std::vector<Marker> markers;
  std::array<std::optional<DefaultDraft>, 6> defaults;
  std::vector<RuleChoice> removals;
  std::vector<TargetUpdate> target_updates;
  std::vector<ActionUpdate> action_updates;
};

}  // namespace sallyport::seclang
