// What depends on all files at once, and not on the order of their directives.
#include "seclang/parser/resolve.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "seclang/operators/operator.h"
#include "seclang/parser/jumps.h"
#include "seclang/parser/updates.h"

namespace sallyport::seclang {
namespace {

// By the tags of the Core Rule Set. What can be told of a value that is a number or a date is not
// among them: its length, its encoding, how often it comes.
bool is_about_injection(const Rule& rule) {
  static constexpr std::array<std::string_view, 12> kTags = {"attack-sqli",
                                                             "attack-xss",
                                                             "attack-rce",
                                                             "attack-lfi",
                                                             "attack-rfi",
                                                             "attack-injection-php",
                                                             "attack-injection-java",
                                                             "attack-injection-nodejs",
                                                             "attack-ldap",
                                                             "attack-injection-generic",
                                                             "attack-ssrf",
                                                             "attack-ssti"};
  return std::ranges::any_of(kTags, [&](std::string_view tag) { return rule.has_tag(tag); });
}

class Resolver {
 public:
  Resolver(Drafts& drafts, Files& files, RuleSet& rules, Findings& findings)
      : drafts_(drafts), files_(files), rules_(rules), findings_(findings) {}

  void run() {
    for (RuleDraft& draft : drafts_.phases[0]) make_rule(0, draft);
    apply_updates(drafts_);
    for (std::size_t phase = 1; phase < drafts_.phases.size(); ++phase) {
      if (auto& draft = drafts_.defaults.at(phase)) set_defaults(phase, *draft);
      resolve_phase(phase);
    }
  }

 private:
  void set_defaults(std::size_t phase, DefaultDraft& draft) {
    ActionSet& actions = draft.actions;
    rules_.defaults.at(phase) = {.given = true,
                                 .disruptive = actions.disruptive,
                                 .status = actions.status,
                                 .redirect = std::move(actions.redirect),
                                 .log = actions.logging.log.value_or(true),
                                 .audit = actions.logging.audit.value_or(true),
                                 .transformations = actions.transformations,
                                 .actions = std::move(actions.link)};
  }

  void resolve_phase(std::size_t phase) {
    std::deque<RuleDraft>& drafts = drafts_.phases.at(phase);
    std::vector<bool> removed;
    removed.reserve(drafts.size());
    for (const RuleDraft& draft : drafts) {
      const std::string_view directive = removed_by(draft, drafts_);
      removed.push_back(!directive.empty());
      if (directive.empty()) continue;
      const std::int64_t id = draft.links.front().actions.id.value_or(0);
      rules_.removed.push_back({.id = id, .directive = directive});
    }
    const Jumps jumps(phase, drafts_.markers, removed);

    for (std::size_t i = 0; i < drafts.size(); ++i) {
      // Removed rules are made as well: an error in them is one even so.
      Rule rule = make_rule(phase, drafts[i]);
      if (removed[i]) continue;
      rule.injection = is_about_injection(rule);
      resolve_jump(i, jumps, drafts[i], rule);
      rules_.phases.at(phase).push_back(std::move(rule));
    }
  }

  Rule make_rule(std::size_t phase, RuleDraft& draft) {
    ActionSet& first = draft.links.front().actions;
    Rule rule{.id = first.id.value_or(0),
              .phase = static_cast<int>(phase),
              .disruptive = first.disruptive,
              .status = first.status,
              .redirect = std::move(first.redirect),
              .skip = first.skip.value_or(0),
              .skip_after = first.skip_after,
              .rev = first.rev.value_or(""),
              .ver = first.ver.value_or(""),
              .maturity = first.maturity.value_or(0),
              .accuracy = first.accuracy.value_or(0),
              .file = draft.file,
              .line = draft.place.line};
    // Links act from the last to the first once the whole chain has matched: the first has the last
    // word.
    LogChoice logging;
    for (std::size_t i = draft.links.size(); i-- > 0;) {
      const ActionSet& actions = draft.links[i].actions;
      if (drafts_.defaults.at(phase)) logging.then(drafts_.defaults.at(phase)->actions.logging);
      logging.then(actions.logging);
      if (actions.block && rule.disruptive == Disruptive::none) rule.disruptive = Disruptive::block;
    }
    rule.log = logging.log.value_or(true);
    rule.audit = logging.audit.value_or(true);
    for (LinkDraft& link : draft.links) {
      if (!rule.status) rule.status = link.actions.status;
      if (rule.skip == 0) rule.skip = link.actions.skip.value_or(0);
      if (rule.skip_after.empty()) rule.skip_after = link.actions.skip_after;
      rule.chain.push_back(make_link(phase, draft, link));
    }
    if (draft.links.back().actions.chain) rule.chain.push_back(never());
    return rule;
  }

  // What a chain without an end goes on with. In ModSecurity 3, too, such a rule acts link by link
  // and never matches.
  static Link never() {
    Link link{.targets = {{.variable = Variable::unique_id}}, .operator_name = "noMatch"};
    if (auto made = make_operator({.name = link.operator_name})) link.op = std::move(*made);
    return link;
  }

  Link make_link(std::size_t phase, const RuleDraft& rule, LinkDraft& draft) {
    Link link{.targets = std::move(draft.targets),
              .negated = draft.negated,
              .operator_name = draft.operator_name,
              .argument = Macro(draft.operator_argument),
              .actions = std::move(draft.actions.link),
              .line = draft.place.line};
    const std::optional<DefaultDraft>& defaults = drafts_.defaults.at(phase);
    if (defaults && !draft.actions.clears_transformations) {
      link.transformations = defaults->actions.transformations;
      link.transformations_text = defaults->actions.transformations_text;
    }
    link.transformations.insert(link.transformations.end(), draft.actions.transformations.begin(),
                                draft.actions.transformations.end());
    append_to_list(link.transformations_text, draft.actions.transformations_text);
    for (Target& target : link.targets) {
      if (target.variable == Variable::xml)
        target.selector.namespaces = draft.actions.xml_namespaces;
    }
    if (!draft.is_action) link.op = make(rule, draft, link.argument);
    return link;
  }

  std::unique_ptr<Operator> make(const RuleDraft& rule, const LinkDraft& draft,
                                 const Macro& argument) {
    const std::string& name = draft.operator_name;
    Report report(rule.file, findings_);
    if (!known_operator(name)) {
      std::string why(why_left_out(name));
      report.error(draft.operator_place,
                   why.empty() ? "there is no operator @" + name
                               : "the operator @" + name + " is not supported: " + why,
                   why.empty() ? "write @rx in front of a regular expression that begins with @"
                               : "remove the rule, or write it with another operator");
      return nullptr;
    }
    auto made = make_operator(
        {.name = name,
         .argument = argument.source(),
         .has_macros = !argument.literal(),
         .file = rule.file,
         .match_limit = rules_.settings.pcre_match_limit,
         .read_file = [this](const std::string& path) { return files_.read(path); },
         .xml_external_entity = rules_.settings.xml_external_entity,
         .warn = [&](const std::string& warning) { report.warn(draft.operator_place, warning); }});
    if (made) return std::move(*made);
    report.error(draft.operator_place, made.error());
    return nullptr;
  }

  void resolve_jump(std::size_t index, const Jumps& jumps, const RuleDraft& draft, Rule& rule) {
    rule.skip = jumps.rules_in(index + 1, rule.skip);
    if (rule.skip_after.empty()) return;
    if (std::optional<std::size_t> to = jumps.behind(rule.skip_after, index)) {
      rule.skip_to = *to;
      return;
    }
    auto says = [&](const LinkDraft& link) { return link.actions.skip_after == rule.skip_after; };
    Place place = std::ranges::find_if(draft.links, says)->actions.skip_after_place;
    bool elsewhere = std::ranges::any_of(
        drafts_.markers, [&](const Marker& marker) { return marker.name == rule.skip_after; });
    Report(draft.file, findings_)
        .error(place,
               elsewhere ? "skipAfter: the marker " + rule.skip_after + " stands before the rule"
                         : "skipAfter: there is no marker " + rule.skip_after,
               "put SecMarker " + rule.skip_after + " behind the rules to skip");
  }

  Drafts& drafts_;
  Files& files_;
  RuleSet& rules_;
  Findings& findings_;
};

}  // namespace

void resolve(Drafts& drafts, Files& files, RuleSet& rules, Findings& findings) {
  Resolver(drafts, files, rules, findings).run();
}

}  // namespace sallyport::seclang
