#include "seclang/plan/knowledge.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

// What a rule that captures writes.
constexpr std::array<std::string_view, 10> kDigits = {"0", "1", "2", "3", "4",
                                                      "5", "6", "7", "8", "9"};

// Whether it holds what `initcol` opened; not GLOBAL, which is there without that.
bool is_record(Variable variable) {
  using enum Variable;
  return variable == ip || variable == session || variable == user || variable == resource;
}

// Whether `control` may take the rule away.
bool removes(const Control& control, const Rule& rule) {
  if (const auto* by_id = std::get_if<ControlRemoveById>(&control)) {
    return std::ranges::any_of(by_id->ranges,
                               [&](const RuleRange& range) { return range.contains(rule.id); });
  }
  if (const auto* by_tag = std::get_if<ControlRemoveByTag>(&control)) {
    return rule.has_tag(by_tag->tag);
  }
  if (const auto* by_msg = std::get_if<ControlRemoveByMsg>(&control)) {
    return rule.has_message(by_msg->msg);
  }
  return false;
}

}  // namespace

bool is_known(const std::string& name, const std::set<std::string>& unknown,
              const std::vector<std::string>& unknown_prefixes) {
  return !unknown.contains(name) &&
         std::ranges::none_of(unknown_prefixes,
                              [&](const std::string& prefix) { return name.starts_with(prefix); });
}

void Knowledge::begin_phase() {
  uncertain_until_ = 0;
  targets_.clear();
}

bool Knowledge::known(const std::string& name) const {
  return is_known(name, unknown_, unknown_prefixes_);
}
bool Knowledge::constant(const Macro& macro) const {
  return std::ranges::all_of(macro.parts(), [&](const MacroPart& part) {
    return !part.variable || (*part.variable == Variable::tx && known(part.text));
  });
}

std::size_t Knowledge::constant_links(const Rule& rule) const {
  auto varies = [&](const Link& link) { return !reads_constants(link); };
  return static_cast<std::size_t>(std::ranges::find_if(rule.chain, varies) - rule.chain.begin());
}

bool Knowledge::reads_constants(const Link& link) const {
  if (!constant(link.argument)) return false;
  for (const Target& target : link.targets) {
    if (target.exclude) continue;
    const Selector& selector = target.selector;
    if (target.variable != Variable::tx || selector.name.empty() || selector.regex != nullptr ||
        !known(selector.name)) {
      return false;
    }
  }
  return !link.actions.capture || std::ranges::none_of(kDigits, [&](std::string_view digit) {
    return read_.contains(std::string(digit));
  });
}

std::optional<Folding::Rest> Knowledge::read_of_tx(const Link& link) const {
  if (link.op == nullptr) return std::nullopt;
  Folding::Rest rest;
  for (const MacroPart& part : link.argument.parts()) {
    if (!part.variable) continue;
    if (*part.variable != Variable::tx || part.regex != nullptr || part.text.empty()) {
      return std::nullopt;
    }
    add_read(Variable::tx, part.text, rest);
  }
  for (const Target& target : link.targets) {
    if (target.exclude) continue;
    const Selector& selector = target.selector;
    if (selector.all()) return std::nullopt;
    if (is_record(target.variable) && selector.regex == nullptr) {
      add_read(target.variable, selector.name, rest);
      continue;
    }
    if (target.variable != Variable::tx) return std::nullopt;
    if (selector.regex == nullptr) {
      add_read(Variable::tx, selector.name, rest);
      continue;
    }
    rest.any_name = true;
    for (const auto& [name, value] : tx_) {
      if (selector.regex->search(name, nullptr) == Regex::Outcome::matched) {
        add_read(Variable::tx, name, rest);
      }
    }
  }
  return rest;
}

void Knowledge::add_read(Variable collection, const std::string& name, Folding::Rest& rest) const {
  std::optional<std::string> text;
  if (const auto known = tx_.find(name); collection == Variable::tx && known != tx_.end()) {
    text = known->second;
  }
  rest.reads.push_back({.collection = collection,
                        .name = name,
                        .hash = hash_of_name(name),
                        .text = std::move(text)});
}

bool Knowledge::writes_constants(const Link& link) const {
  return std::ranges::all_of(link.actions.setvars, [&](const SetVar& action) {
    return action.collection == Variable::tx && constant(action.key) && constant(action.value);
  });
}

bool Knowledge::writes_unknown(const Rule& rule) const {
  return std::ranges::any_of(rule.chain, [&](const Link& link) {
    return std::ranges::any_of(link.actions.setvars, [&](const SetVar& action) {
      return action.collection != Variable::tx || !constant(action.key) ||
             !known(text::to_lower(expanded(action.key)));
    });
  });
}

bool Knowledge::may_write(const Rule& rule, std::size_t i) const {
  if (i < uncertain_until_ || may_stop_ || all_read_ || may_be_removed(rule)) return false;
  for (const Link& link : rule.chain) {
    for (const SetVar& action : link.actions.setvars) {
      std::string key = text::to_lower(expanded(action.key));
      if (read_.contains(key) || !known(key)) return false;
    }
  }
  return true;
}

std::string Knowledge::expanded(const Macro& macro) const {
  std::string all;
  for (const MacroPart& part : macro.parts()) {
    if (!part.variable) {
      all += part.text;
    } else if (auto found = tx_.find(part.text); found != tx_.end()) {
      all += found->second;
    }
  }
  return macro.literal() ? macro.source() : all;
}

bool Knowledge::may_be_removed(const Rule& rule) const {
  return std::ranges::any_of(removals_,
                             [&](const Control* control) { return removes(*control, rule); });
}

bool Knowledge::may_jump(const std::deque<Rule>& rules, std::size_t i, std::size_t jump) const {
  for (std::size_t target : targets_) {
    if (target > i && target < jump) return false;
  }
  for (const Control* control : removals_) {
    if (!removes(*control, rules[i])) continue;
    for (std::size_t between = i + 1; between < jump; ++between) {
      if (!removes(*control, rules[between])) return false;
    }
  }
  return true;
}

void Knowledge::keep(const Rule& rule, std::size_t i) {
  for (const Link& link : rule.chain) {
    link.for_each_macro([this](const Macro& macro) { note_reads(macro); });
    for (const Target& target : link.targets) {
      if (target.variable != Variable::tx || target.exclude) continue;
      if (target.selector.name.empty() || target.selector.regex != nullptr) {
        all_read_ = true;
      } else {
        read_.insert(target.selector.name);
      }
    }
    for (const SetVar& action : link.actions.setvars) {
      if (action.collection == Variable::tx) note_write(action);
    }
    if (link.actions.capture) {
      for (std::string_view digit : kDigits) unknown_.emplace(digit);
    }
    for (const Control& control : link.actions.controls) {
      if (std::holds_alternative<ControlRemoveById>(control) ||
          std::holds_alternative<ControlRemoveByTag>(control) ||
          std::holds_alternative<ControlRemoveByMsg>(control)) {
        removals_.push_back(&control);
      }
    }
  }
  note_reads(rule.redirect);
  unknown_.emplace("msc_pcre_limits_exceeded");
  if (stops(rule.disruptive)) may_stop_ = true;
  if (rule.skip != 0) {
    uncertain_until_ = std::max(uncertain_until_, i + 1 + rule.skip);
    for (std::size_t each = 1; each <= rule.skip; ++each) targets_.push_back(i + 1 + each);
  }
  if (!rule.skip_after.empty()) {
    uncertain_until_ = std::max(uncertain_until_, rule.skip_to);
    targets_.push_back(rule.skip_to);
  }
}

void Knowledge::note_reads(const Macro& macro) {
  for (const MacroPart& part : macro.parts()) {
    if (part.variable == Variable::tx) read_.insert(part.text);
  }
}

void Knowledge::note_write(const SetVar& action) {
  if (action.key.literal()) {
    std::string key = text::to_lower(action.key.source());
    if (action.kind == SetVar::Kind::add || action.kind == SetVar::Kind::subtract) {
      read_.insert(key);
    }
    unknown_.insert(std::move(key));
    return;
  }
  const std::vector<MacroPart>& parts = action.key.parts();
  const bool starts_literal = !parts.empty() && !parts.front().variable;
  unknown_prefixes_.push_back(starts_literal ? text::to_lower(parts.front().text) : "");
}

}  // namespace sallyport::seclang
