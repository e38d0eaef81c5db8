// The rules of a phase, in order: which are left out, which match, what follows.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "seclang/engine/transaction.h"
#include "seclang/engine/working.h"
#include "seclang/plan/plan.h"
#include "seclang/plan/scanner.h"

namespace sallyport::seclang {
namespace {

constexpr int kRequestPhases = 2;
constexpr int kLogging = 5;
constexpr std::size_t kLong = 256;  // bytes from which a result is worth remembering

// Whether a target stands for the value: the whole collection, or this name of it.
bool covers(const Target& target, const Value& value) {
  const Selector& selector = target.selector;
  if (selector.all()) return target.variable == value.variable;
  // Who excludes an argument by a pattern excludes its name with it.
  const bool its_name = selector.regex != nullptr && target.variable == Variable::args &&
                        value.variable == Variable::args_names;
  if (target.variable != value.variable && !its_name) return false;
  if (!value.keyed) return false;
  if (selector.regex != nullptr) {
    return selector.regex->search(value.key, nullptr) == Regex::Outcome::matched;
  }
  return text::equals_ignoring_case(value.key, selector.name);
}

}  // namespace

std::size_t Transaction::MemoHash::operator()(const MemoKey& key) const {
  std::size_t hash = reinterpret_cast<std::uintptr_t>(key.data);
  hash = (hash ^ (hash >> 29)) * 0x9E3779B97F4A7C15U + key.size;
  hash ^= reinterpret_cast<std::uintptr_t>(key.transformation);
  hash *= 0x9E3779B97F4A7C15U;
  return hash ^ (hash >> 32);
}

void Transaction::run_phase(int phase) {
  if (mode_ == EngineMode::off) return;
  if (ended_by_rule() && phase != kLogging) return;
  if (allowed_ == Disruptive::allow && phase != kLogging) return;
  if (allowed_ == Disruptive::allow_request && phase <= kRequestPhases) return;
  allowed_ = Disruptive::none;
  phase_ = phase;
  skip_ = 0;
  skip_to_.reset();
  proven_.settle();
  const WorkBudget::Scope work(work_);
  const std::deque<Rule>& rules = rules_.phases.at(static_cast<std::size_t>(phase));
  if (plan_ != nullptr) {
    run_planned(rules);
  } else {
    run_all(rules);
  }
  current_ = nullptr;
}

void Transaction::run_all(const std::deque<Rule>& rules) {
  const bool was_ended = ended_by_rule();
  for (std::size_t i = 0; i < rules.size();) {
    if (!step(rules[i], was_ended)) return;
    i = after(rules, i);
  }
}

// Only the rules that the plan does not leave out.
void Transaction::run_planned(const std::deque<Rule>& rules) {
  const bool was_ended = ended_by_rule();
  const auto phase = static_cast<std::size_t>(phase_);
  const Folding::Phase& folded = plan_->folding.phases.at(phase);
  const bool scanned = phase_ != kLogging && plan_->scanner != nullptr;
  if (scanned) plan_->scanner->scan(*this, phase_);
  for (std::size_t i = 0;;) {
    i = std::min(i, rules.size());
    const Candidates* candidates = scanned ? &candidates_.at(phase) : nullptr;
    const std::size_t place = first_awake(folded, folded.next[i], candidates);
    const bool over = place >= folded.live.size();
    const std::size_t upcoming = over ? rules.size() : folded.live[place];
    pass_over(folded, rules, i, upcoming);
    if (over || !step(rules[upcoming], was_ended)) return;
    i = after(rules, upcoming);
  }
}

// The first candidate at or behind `place` that may match.
std::size_t Transaction::first_awake(const Folding::Phase& folded, std::size_t place,
                                     const Candidates* candidates) const {
  std::uint32_t resting = Folding::kAwake;  // what has been found to hold
  for (;; ++place) {
    if (candidates != nullptr) place = candidates->next(place);
    if (place >= folded.live.size()) return place;
    const std::uint32_t rest = folded.rest[place];
    if (rest == Folding::kAwake) return place;
    if (rest != resting && !holds(plan_->folding.rests[rest])) return place;
    resting = rest;
  }
}

// Whether TX and the records are, where it matters, as they were at the beginning.
bool Transaction::holds(const Folding::Rest& rest) const {
  if (rest.any_name && tx_.entries().size() != plan_->tx->values.entries().size()) return false;
  return std::ranges::all_of(rest.reads, [this](const Folding::Rest::Read& read) {
    const KeyStore* store = read.collection == Variable::tx ? &tx_ : opened_record(read.collection);
    if (store == nullptr) return true;
    const KeyStore::Entry* now = store->find(Name::hashed(read.name, read.hash));
    return now == nullptr ? !read.text : read.text && now->value == *read.text;
  });
}

// Rules that are known not to match, or were run when the plan was made, leave what they would in
// MATCHED_VARS.
void Transaction::pass_over(const Folding::Phase& folded, const std::deque<Rule>& rules,
                            std::size_t from, std::size_t to) {
  const bool none_removed =
      removed_ids_.empty() && removed_tags_.empty() && removed_messages_.empty();
  // A rule that another one has removed does not even not match.
  std::size_t cleared = folded.cleared[to];
  while (!none_removed && cleared > from && removed(rules[cleared - 1])) {
    cleared = folded.cleared[cleared - 1];
  }
  if (cleared > from) {
    clear_matched();
    from = cleared;
  }
  for (std::size_t i = folded.matched_before[from]; i < folded.matched_before[to]; ++i) {
    const Folding::Phase::Matched& each = folded.matched[i];
    if (!none_removed && removed(rules[each.index])) continue;
    set_matched({.variable = Variable::tx, .key = each.name, .text = each.text, .keyed = true},
                each.text);
  }
}

// Where to go on behind a rule that has just been run.
std::size_t Transaction::after(const std::deque<Rule>& rules, std::size_t index) {
  if (skip_to_) return *skip_to_;
  const std::size_t next = index + 1 + std::exchange(skip_, 0);
  if (observer_ != nullptr) {
    for (std::size_t i = index + 1; i < std::min(next, rules.size()); ++i) {
      observer_->skipped(rules[i]);
    }
  }
  return next;
}

bool Transaction::step(const Rule& rule, bool was_ended) {
  skip_to_.reset();
  (void)run_rule(rule);
  if (observer_ != nullptr && allowed_ != Disruptive::none) observer_->allowed(rule);
  return allowed_ == Disruptive::none && (was_ended || !ended_by_rule());
}

bool Transaction::removed(const Rule& rule) const {
  auto by_id = [&](const RuleRange& range) { return range.contains(rule.id); };
  if (std::ranges::any_of(removed_ids_, by_id)) return true;
  auto by_tag = [&](std::string_view tag) { return rule.has_tag(tag); };
  if (std::ranges::any_of(removed_tags_, by_tag)) return true;
  return std::ranges::any_of(removed_messages_,
                             [&](std::string_view message) { return rule.has_message(message); });
}

bool Transaction::run_rule(const Rule& rule) {
  if (removed(rule)) {
    if (observer_ != nullptr) observer_->removed(rule);
    return false;
  }
  current_ = &rule;
  found_.clear();
  Working working{.rule = rule};
  return run_chain(rule, 0, working);
}

// A link and those behind it. The actions of the last come first, as the whole chain is known to
// match only there.
bool Transaction::run_chain(const Rule& rule, std::size_t index, Working& working) {
  const Link& link = rule.chain[index];
  const bool matched = match_link(rule, link, working);
  if (observer_ != nullptr) observer_->decided(rule, link, matched);
  if (!matched) {
    clear_matched();
    return false;
  }
  if (index + 1 < rule.chain.size() && !run_chain(rule, index + 1, working)) return false;
  act_on_chain(link, working);
  if (index == 0) finish_rule(working);
  return true;
}

bool Transaction::match_link(const Rule& rule, const Link& link, Working& working) {
  if (link.op == nullptr) {
    act_on_value(link, working);
    return true;
  }
  std::string_view argument = expand(link.argument, &rule);
  if (observer_ != nullptr) observer_->begins(rule, link, argument);
  bool any = false;
  std::vector<Value> values = std::move(scratch_);  // its memory, used again and again
  for (const Target& target : link.targets) {
    if (target.exclude) continue;
    const bool many = !target.count && kind_of(target.variable) == VariableKind::collection;
    if (many && work_.left() <= 0) {
      give_up(link);
      continue;
    }
    values.clear();
    collect(target, values);
    for (const Value& value : values) {
      // A number of values is no value that could be left out.
      if (!target.count && excluded(rule, link, value)) continue;
      if (!may_look_at(value.text, many)) {
        give_up(link);
        break;
      }
      if (match_value(link, value, argument, working)) any = true;
    }
  }
  scratch_ = std::move(values);
  return any;
}

bool Transaction::excluded(const Rule& rule, const Link& link, const Value& value) const {
  if (rule.injection && proven_.has(value.text)) return true;
  for (const Target& target : link.targets) {
    if (target.exclude && covers(target, value)) return true;
  }
  for (const ControlRemoveTargetById* each : removed_targets_by_id_) {
    if (each->ids.contains(rule.id) && covers(each->target, value)) return true;
  }
  for (const ControlRemoveTargetByTag* each : removed_targets_by_tag_) {
    if (covers(each->target, value) && rule.has_tag(each->tag)) return true;
  }
  return false;
}

Marks Transaction::marks(std::string_view text) {
  if (text.size() < kLong) return marks_of(text);
  if (marked_.data() != text.data() || marked_.size() != text.size()) {
    marked_ = text;
    marked_as_ = marks_of(text);
  }
  return marked_as_;
}

// Short texts are transformed again rather than looked up.
std::string_view Transaction::transform(std::string_view text, const Transformation& by,
                                        Marks& marks) {
  if ((marks & by.triggers) == 0) return text;
  const TransformContext context{.arena = arena_, .unicode_map = rules_.settings.unicode_map.get()};
  if (text.size() < kLong) {
    std::string_view result = by.apply(text, context);
    if (result.data() != text.data() || result.size() != text.size()) marks = marks_of(result);
    return result;
  }
  auto [found, added] =
      memo_.try_emplace({.data = text.data(), .size = text.size(), .transformation = &by}, Memo{});
  if (added) {
    found->second.text = by.apply(text, context);
    found->second.marks = marks_of(found->second.text);
  }
  marks = found->second.marks;
  return found->second.text;
}

// What there is one of, and scores, are looked at even when no time is left, if they are short:
// what is known of the body is among them.
bool Transaction::may_look_at(std::string_view text, bool one_of_many) {
  return work_.covers(text.size()) || (!one_of_many && text.size() < kLong);
}

void Transaction::give_up() {
  ++pcre_errors_;
  tx_.set("MSC_PCRE_LIMITS_EXCEEDED", "1");
}

void Transaction::give_up(const Link& link) {
  if (observer_ != nullptr) observer_->limited(link);
  give_up();
}

bool Transaction::match_value(const Link& link, const Value& value, std::string_view argument,
                              Working& working) {
  std::string_view text = value.text;
  bool any = false;
  if (link.actions.multi_match) any = match_text(link, value, text, {}, argument, working);
  Marks kinds = link.transformations.empty() ? 0 : marks(text);
  for (const Transformation* transformation : link.transformations) {
    std::string_view next = transform(text, *transformation, kinds);
    if (observer_ != nullptr) observer_->transformed(*transformation, next);
    if (link.actions.multi_match && next != text) {
      if (match_text(link, value, next, transformation->name, argument, working)) any = true;
    }
    text = next;
  }
  if (!link.actions.multi_match) {
    any = match_text(link, value, text, link.transformations_text, argument, working);
  }
  return any;
}

bool Transaction::match_text(const Link& link, const Value& value, std::string_view text,
                             std::string_view form, std::string_view argument, Working& working) {
  Evaluation evaluation{.arena = arena_,
                        .argument = argument,
                        .capture = link.actions.capture,
                        .groups = {},
                        .surroundings = &surroundings_};
  if (observer_ != nullptr) observer_->looks_at(whole_name(value), text);
  bool matched = link.op->evaluate(text, evaluation);
  if (evaluation.limit_exceeded) give_up(link);
  if (link.actions.capture) {
    for (std::size_t i = 0; i < evaluation.groups.count; ++i) {
      if (evaluation.groups.text[i].data() == nullptr) continue;  // took no part
      const char digit = static_cast<char>('0' + i);
      tx_.set(std::string_view(&digit, 1), evaluation.groups.text[i]);
      if (observer_ != nullptr) observer_->captured(i, evaluation.groups.text[i]);
    }
  }
  if (matched == link.negated) return false;
  working.link = &link;
  working.value = value;
  working.argument = argument;
  working.has_value = true;
  if (working.rule.log && facts_.references) {
    found_.push_back({.link = &link,
                      .value = value,
                      .text = text,
                      .argument = argument,
                      .form = form,
                      .offset = evaluation.offset,
                      .length = evaluation.length});
  }
  set_matched(value, text);
  act_on_value(link, working);
  if (logs_each_match(working.rule)) log_match(working);
  return true;
}

void Transaction::set_matched(const Value& value, std::string_view text) {
  matched_ = value;
  matched_text_ = text;
  has_matched_ = true;
  matched_all_.push_back(value);
  matched_all_.back().text = text;
}

void Transaction::clear_matched() {
  has_matched_ = false;
  matched_all_.clear();
}

}  // namespace sallyport::seclang
