// Directives that change rules by id, tag or message.
#include "seclang/parser/updates.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "seclang/parser/controls.h"
#include "seclang/parser/targets.h"

namespace sallyport::seclang {
namespace {

enum class What : std::uint8_t { remove, targets, actions };
enum class By : std::uint8_t { id, tag, msg };

struct Row {
  std::string_view name;
  What what;
  By by;
};
constexpr std::array kRows = std::to_array<Row>({
    {"SecRuleRemoveById", What::remove, By::id},
    {"SecRuleRemoveByMsg", What::remove, By::msg},
    {"SecRuleRemoveByTag", What::remove, By::tag},
    {"SecRuleUpdateActionById", What::actions, By::id},
    {"SecRuleUpdateTargetById", What::targets, By::id},
    {"SecRuleUpdateTargetByMsg", What::targets, By::msg},
    {"SecRuleUpdateTargetByTag", What::targets, By::tag},
});

std::string join(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text();
  return text;
}

// "id:link" picks a link of a chain, the first being 0.
bool take_link(std::string& text, RuleChoice& choice) {
  std::size_t colon = text.find(':');
  if (colon == std::string::npos) return true;
  auto link = text::to_number(std::string_view(text).substr(colon + 1));
  if (!link) return false;
  choice.link = static_cast<std::size_t>(*link);
  text.resize(colon);
  return true;
}

std::optional<RuleChoice> read_choice(const Row& row, std::string text, Place place,
                                      Report& report) {
  RuleChoice choice;
  switch (row.by) {
    case By::tag:
      choice.tag = std::move(text);
      return choice;
    case By::msg:
      choice.msg = std::move(text);
      return choice;
    case By::id:
      break;
  }
  std::string written = text;
  bool ok = row.what == What::remove || take_link(text, choice);
  std::optional<std::vector<RuleRange>> ranges = ok ? parse_ranges(text) : std::nullopt;
  if (!ranges) {
    report.error(
        place,
        std::string(row.name) + ": \"" + written + "\" is not a rule id, nor a range of them",
        "write 920100 or 920100-920199");
    return std::nullopt;
  }
  choice.ids = std::move(*ranges);
  return choice;
}

void read_removal(const Row& row, const Directive& directive, Drafts& drafts, Report& report) {
  if (directive.arguments.empty()) {
    return report.error(directive.place, std::string(row.name) + " does not say which rules");
  }
  auto choice =
      read_choice(row, join(directive.arguments), directive.arguments.front().place(), report);
  if (choice) drafts.removals.push_back(std::move(*choice));
}

void read_change(const Row& row, const Directive& directive, Drafts& drafts, Report& report) {
  if (directive.arguments.size() != 2) {
    bool targets = row.what == What::targets;
    return report.error(directive.place,
                        std::string(row.name) + " takes two arguments: which rules, and " +
                            (targets ? "targets" : "actions"),
                        "put an argument with blanks in double quotes");
  }
  const Word& which = directive.arguments[0];
  const Word& change = directive.arguments[1];
  std::optional<RuleChoice> choice = read_choice(row, which.text(), which.place(), report);
  if (row.what == What::targets) {
    auto targets = parse_targets({.text = change.text(), .word = &change, .offset = 0}, report);
    if (choice) drafts.target_updates.push_back({std::move(*choice), std::move(targets)});
    return;
  }
  ActionSet actions = parse_actions(change, report);
  if (const auto* found =
          actions.find({"id", "phase", "chain", "rev", "ver", "maturity", "accuracy", "xmlns"})) {
    report.error(found->second, found->first + " cannot be changed", "remove it");
  }
  if (choice) drafts.action_updates.push_back({std::move(*choice), std::move(actions)});
}

bool has_id(const RuleDraft& rule, const std::vector<RuleRange>& ranges) {
  std::int64_t id = rule.links.front().actions.id.value_or(0);
  return std::ranges::any_of(ranges, [&](const RuleRange& range) { return range.contains(id); });
}

bool has_tag(const LinkDraft& link, const std::string& tag) {
  return std::ranges::any_of(link.actions.link.tags,
                             [&](const Macro& each) { return each.source() == tag; });
}

// The link at `index` is one that `choice` is about.
bool chooses(const RuleChoice& choice, const RuleDraft& rule, std::size_t index) {
  if (!choice.ids.empty()) return index == choice.link && has_id(rule, choice.ids);
  const LinkDraft& link = rule.links[index];
  if (!choice.tag.empty()) return has_tag(link, choice.tag);
  return !choice.msg.empty() && link.actions.link.msg.source() == choice.msg;
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void replace(Macro& to, const Macro& from) {
  if (!from.empty()) to = from;
}

// Lists grow, what can be said once is said anew, and a decision takes the place of the old one.
void change_actions(ActionSet& to, const ActionSet& from) {
  if (from.clears_transformations) {
    to.transformations.clear();
    to.transformations_text.clear();
    to.clears_transformations = true;
  }
  append(to.transformations, from.transformations);
  append_to_list(to.transformations_text, from.transformations_text);
  if (from.disruptive != Disruptive::none || from.block) {
    to.disruptive = from.disruptive;
    to.block = from.block;
    to.redirect = from.redirect;
  }
  if (from.status) to.status = from.status;
  to.logging.then(from.logging);
  if (from.skip) to.skip = from.skip;
  if (!from.skip_after.empty()) {
    to.skip_after = from.skip_after;
    to.skip_after_place = from.skip_after_place;
  }
  LinkActions& link = to.link;
  const LinkActions& by = from.link;
  replace(link.msg, by.msg);
  replace(link.logdata, by.logdata);
  replace(link.set_uid, by.set_uid);
  replace(link.set_sid, by.set_sid);
  replace(link.set_rsc, by.set_rsc);
  if (by.severity) link.severity = by.severity;
  append(link.tags, by.tags);
  append(link.setvars, by.setvars);
  append(link.expirevars, by.expirevars);
  append(link.initcols, by.initcols);
  append(link.controls, by.controls);
  append(link.setenvs, by.setenvs);
  link.capture = link.capture || by.capture;
  link.multi_match = link.multi_match || by.multi_match;
}

template <typename Change>
void for_each_link(Drafts& drafts, const RuleChoice& choice, Change change) {
  for (std::deque<RuleDraft>& phase : drafts.phases) {
    for (RuleDraft& rule : phase) {
      for (std::size_t i = 0; i < rule.links.size(); ++i) {
        if (chooses(choice, rule, i)) change(rule.links[i]);
      }
    }
  }
}

}  // namespace

bool read_update(const Directive& directive, Drafts& drafts, Report& report) {
  auto same_name = [&](const Row& row) {
    return text::equals_ignoring_case(row.name, directive.name);
  };
  const auto* row = std::ranges::find_if(kRows, same_name);
  if (row == kRows.end()) return false;
  if (row->what == What::remove) {
    read_removal(*row, directive, drafts, report);
  } else {
    read_change(*row, directive, drafts, report);
  }
  return true;
}

void apply_updates(Drafts& drafts) {
  for (const TargetUpdate& update : drafts.target_updates) {
    for_each_link(drafts, update.rules, [&](LinkDraft& link) {
      if (!link.is_action) append(link.targets, update.targets);
    });
  }
  for (const ActionUpdate& update : drafts.action_updates) {
    for_each_link(drafts, update.rules,
                  [&](LinkDraft& link) { change_actions(link.actions, update.actions); });
  }
}

std::string_view removed_by(const RuleDraft& rule, const Drafts& drafts) {
  auto by = std::ranges::find_if(
      drafts.removals, [&](const RuleChoice& choice) { return chooses(choice, rule, 0); });
  if (by == drafts.removals.end()) return {};
  if (!by->ids.empty()) return "SecRuleRemoveById";
  return by->tag.empty() ? "SecRuleRemoveByMsg" : "SecRuleRemoveByTag";
}

}  // namespace sallyport::seclang
