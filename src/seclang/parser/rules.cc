// What a list of actions may hold depends on where it stands; that is checked here.
#include "seclang/parser/rules.h"

#include <utility>

#include "base/text.h"
#include "seclang/operators/operator.h"
#include "seclang/parser/targets.h"

namespace sallyport::seclang {
namespace {

// As ModSecurity 3: a rule that names no phase runs in phase 2.
constexpr int kDefaultPhase = 2;
// SecDefaultAction differs.
constexpr int kDefaultPhaseOfDefaults = 1;

Piece whole(const Word& word) { return {.text = word.text(), .word = &word, .offset = 0}; }

}  // namespace

void RuleReader::rule(const Directive& directive) {
  const auto& arguments = directive.arguments;
  if (arguments.size() < 2 || arguments.size() > 3) {
    chain_ = nullptr;
    return report_.error(arguments.size() > 3 ? arguments[3].place() : directive.place,
                         "SecRule takes targets, an operator and actions, not " +
                             std::to_string(arguments.size()) + " arguments",
                         "put each of the three in double quotes");
  }
  LinkDraft link{.place = directive.place};
  link.targets = parse_targets(whole(arguments[0]), report_);
  parse_operator(arguments[1], link);
  if (arguments.size() == 3) link.actions = parse_actions(arguments[2], report_);
  add(std::move(link), directive);
}

void RuleReader::action(const Directive& directive) {
  if (directive.arguments.size() != 1) {
    return report_.error(directive.place, "SecAction takes one argument, a list of actions",
                         "put the list in double quotes");
  }
  LinkDraft link{
      .is_action = true, .operator_name = "unconditionalMatch", .place = directive.place};
  link.actions = parse_actions(directive.arguments.front(), report_);
  add(std::move(link), directive);
}

// !@name argument; without a name it is a regular expression.
void RuleReader::parse_operator(const Word& word, LinkDraft& link) {
  std::string_view text = word.text();
  auto offset = [&] { return static_cast<std::size_t>(text.data() - word.text().data()); };
  auto skip_blanks = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  };
  // Blanks in front are part of a regular expression, not of an operator.
  std::string_view unnamed = text;
  skip_blanks();
  if (text.starts_with('!')) {
    link.negated = true;
    text.remove_prefix(1);
    unnamed = text;
    skip_blanks();
  }
  link.operator_place = word.place(offset());
  if (!text.starts_with('@')) {
    link.operator_name = "rx";
    link.operator_argument = unnamed;
    return;
  }
  text.remove_prefix(1);
  std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  link.operator_name = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  link.operator_argument = text;
}

void RuleReader::add(LinkDraft link, const Directive& directive) {
  if (chain_ != nullptr) {
    continue_chain(std::move(link));
  } else {
    start(std::move(link), directive);
  }
}

void RuleReader::start(LinkDraft link, const Directive& directive) {
  const ActionSet& actions = link.actions;
  bool chained = actions.chain;
  bool placed = false;
  if (actions.find({"id"}) == nullptr) {
    std::string message = directive.name + ": the rule has no id";
    std::string hint = "give it one that no other rule has: id:...";
    placed = link.is_action;  // as in ModSecurity 3
    if (placed) {
      report_.warn(directive.place, std::move(message), std::move(hint));
    } else {
      report_.error(directive.place, std::move(message), std::move(hint));
    }
  } else if (actions.id) {
    auto [where, fresh] =
        drafts_.ids.emplace(*actions.id, std::pair{report_.file(), directive.place.line});
    placed = fresh;
    if (!fresh) {
      report_.error(actions.find({"id"})->second,
                    "the id " + std::to_string(*actions.id) + " is taken by the rule at " +
                        where->second.first + ":" + std::to_string(where->second.second),
                    "give every rule its own id, and include no file twice");
    }
  }
  std::size_t phase = 0;
  if (placed) phase = static_cast<std::size_t>(actions.phase.value_or(kDefaultPhase));
  RuleDraft draft{.file = report_.file(), .place = directive.place, .links = {}};
  draft.links.push_back(std::move(link));
  RuleDraft& kept = drafts_.phases.at(phase).emplace_back(std::move(draft));
  if (chained) chain_ = &kept;
}

void RuleReader::continue_chain(LinkDraft link) {
  const ActionSet& actions = link.actions;
  if (const auto* found = actions.find({"deny", "drop", "pass", "allow", "redirect"})) {
    report_.error(found->second, found->first + ": a rule behind a chain cannot decide",
                  "move it to the first rule of the chain");
  }
  int phase = chain_->links.front().actions.phase.value_or(kDefaultPhase);
  if (actions.phase && *actions.phase != phase) {
    report_.error(actions.find({"phase"})->second,
                  "phase:" + std::to_string(*actions.phase) + " in a chain that runs in phase " +
                      std::to_string(phase),
                  "give the phase at the first rule of the chain only");
  }
  bool goes_on = actions.chain;
  chain_->links.push_back(std::move(link));
  if (!goes_on) chain_ = nullptr;
}

void RuleReader::finish() {
  if (chain_ == nullptr) return;
  const LinkDraft& last = chain_->links.back();
  report_.warn(last.actions.find({"chain"})->second,
               "chain: no rule follows that the chain could go on with, so it never matches",
               "let a SecRule follow in the same file, or remove chain");
  chain_ = nullptr;
}

void RuleReader::marker(const Directive& directive) {
  if (directive.arguments.size() != 1 || directive.arguments.front().text().empty()) {
    return report_.error(directive.place, "SecMarker takes one argument, the marker's name");
  }
  Marker marker{.name = directive.arguments.front().text()};
  for (std::size_t phase = 1; phase < marker.positions.size(); ++phase) {
    marker.positions.at(phase) = drafts_.phases.at(phase).size();
  }
  drafts_.markers.push_back(std::move(marker));
}

void RuleReader::defaults(const Directive& directive) {
  if (directive.arguments.size() != 1) {
    return report_.error(directive.place, "SecDefaultAction takes one argument, a list of actions",
                         "put the list in double quotes");
  }
  ActionSet actions = parse_actions(directive.arguments.front(), report_);
  if (const auto* found = actions.find({"id", "rev", "ver", "maturity", "accuracy", "chain", "skip",
                                        "skipafter", "t:none", "xmlns"})) {
    report_.error(found->second, found->first + " is not for SecDefaultAction", "remove it");
  }
  if (actions.disruptive == Disruptive::none) {
    report_.error(directive.place, "SecDefaultAction does not say what `block` means",
                  "add one of deny, drop, redirect, allow or pass");
  }
  auto phase = static_cast<std::size_t>(actions.phase.value_or(kDefaultPhaseOfDefaults));
  std::optional<DefaultDraft>& slot = drafts_.defaults.at(phase);
  if (slot) {
    return report_.error(directive.place,
                         "SecDefaultAction: phase " + std::to_string(phase) +
                             " has one already, at " + slot->file + ":" +
                             std::to_string(slot->place.line),
                         "keep one for each phase");
  }
  slot =
      DefaultDraft{.file = report_.file(), .place = directive.place, .actions = std::move(actions)};
}

}  // namespace sallyport::seclang
