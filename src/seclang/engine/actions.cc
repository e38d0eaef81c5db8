// What matching rules do: write variables, change the rest of the transaction, log, end it.
#include <algorithm>
#include <span>

#include "base/text.h"
#include "seclang/engine/transaction.h"
#include "seclang/engine/working.h"
#include "seclang/integers.h"

namespace sallyport::seclang {
namespace {

template <typename... Each>
struct Overloaded : Each... {
  using Each::operator()...;
};

}  // namespace

// For every value that matches: a rule may count them.
void Transaction::act_on_value(const Link& link, Working& working) {
  for (const SetVar& action : link.actions.setvars) set_variable(action, working.rule);
  if (!link.actions.logdata.empty()) working.data = &link.actions.logdata;
  if (!link.actions.msg.empty()) working.message = &link.actions.msg;
  if (link.actions.severity) {
    working.severity = link.actions.severity;
    highest_severity_ = std::min(highest_severity_, *link.actions.severity);
  }
}

// Once the chain has matched from this link on.
void Transaction::act_on_chain(const Link& link, Working& working) {
  const LinkActions& actions = link.actions;
  const bool seen = working.rule.log || observer_ != nullptr;
  if (seen) working.tags.reserve(working.tags.size() + actions.tags.size());
  for (const Macro& tag : seen ? std::span(actions.tags) : std::span<const Macro>()) {
    working.tags.push_back(expand(tag, &working.rule));
    if (observer_ != nullptr) observer_->tagged(working.tags.back());
  }
  for (const InitCol& action : actions.initcols) {
    open_record(action.collection, expand(action.key, &working.rule));
  }
  for (const Control& action : actions.controls) {
    if (observer_ != nullptr) observer_->controlled(action);
    control(action);
  }
  for (const auto& [name, value] : actions.setenvs) {
    std::string_view text = expand(value, &working.rule);
    env_.set(name, text);
    if (observer_ != nullptr) observer_->set_environment(name, text);
  }
  if (!actions.set_uid.empty()) {
    user_id_ = expand(actions.set_uid, &working.rule);
    open_record(Variable::user, user_id_);
  }
  if (!actions.set_sid.empty()) {
    session_id_ = expand(actions.set_sid, &working.rule);
    open_record(Variable::session, session_id_);
  }
  if (!actions.set_rsc.empty()) {
    resource_id_ = expand(actions.set_rsc, &working.rule);
    open_record(Variable::resource, resource_id_);
  }
  for (const ExpireVar& action : actions.expirevars) {
    for (const std::unique_ptr<Record>& record : records_) {
      if (record->collection != action.collection || !record->shared) continue;
      std::string_view name = expand(action.key, &working.rule);
      const std::int64_t left = read_int(expand(action.seconds, &working.rule)).value_or(0);
      shared_.expire(record->id, name, facts_.seconds + left);
      if (left <= 0) record->values.erase(name);
    }
  }
}

// The whole rule has matched: its own disruptive action, its line in the log, what it skips.
void Transaction::finish_rule(Working& working) {
  const Rule& rule = working.rule;
  const DefaultActions& defaults = rules_.defaults.at(static_cast<std::size_t>(rule.phase));
  const std::optional<int> status = rule.status ? rule.status : defaults.status;
  Disruptive how = rule.disruptive;
  const Macro* redirect = &rule.redirect;
  if (how == Disruptive::block) {
    how = defaults.given ? defaults.disruptive : Disruptive::pass;
    redirect = &defaults.redirect;
  }
  // Never in detection mode, `allow` included: it would hide what comes behind it.
  if (mode_ == EngineMode::on) interrupt(how, status, *redirect, working);
  if (!logs_each_match(rule)) {
    log_match(working);
  } else if (working.disruptive && !matches_.empty() && matches_.back().rule == &rule) {
    matches_.back().disruptive = true;
  }
  skip_ = rule.skip;
  if (!rule.skip_after.empty()) skip_to_ = rule.skip_to;
}

void Transaction::interrupt(Disruptive how, std::optional<int> status, const Macro& redirect,
                            Working& working) {
  switch (how) {
    case Disruptive::none:
    case Disruptive::pass:
    case Disruptive::block:
      return;
    case Disruptive::allow:
    case Disruptive::allow_phase:
    case Disruptive::allow_request:
      allowed_ = how;
      return;
    case Disruptive::deny:
    case Disruptive::drop:
      intervention_ = {.status = status.value_or(403),
                       .redirect = {},
                       .drop = how == Disruptive::drop,
                       .rule = &working.rule,
                       .reason = expand(working.rule.chain.front().actions.msg, &working.rule)};
      break;
    case Disruptive::redirect: {
      const int given = status.value_or(302);
      const bool fits = given >= 300 && given < 400;
      intervention_ = {.status = fits ? given : 302,
                       .redirect = expand(redirect, &working.rule),
                       .drop = false,
                       .rule = &working.rule,
                       .reason = expand(working.rule.chain.front().actions.msg, &working.rule)};
      break;
    }
  }
  working.disruptive = true;
}

void Transaction::log_match(Working& working) {
  if (!working.rule.log) return;
  auto text_of = [&](const Macro* macro) {
    return macro != nullptr ? expand(*macro, &working.rule) : std::string_view{};
  };
  const bool each = logs_each_match(working.rule);
  Match match{.rule = &working.rule,
              .message = text_of(working.message),
              .data = text_of(working.data),
              .variable = {},
              .value = {},
              .link = working.link,
              .tags = each ? working.tags : std::move(working.tags),
              .severity = working.severity,
              .phase = phase_,
              .disruptive = working.disruptive};
  if (each) {  // before the rule's tags are acted on
    for (const Macro& tag : working.rule.chain.front().actions.tags) {
      match.tags.push_back(expand(tag, &working.rule));
    }
  }
  if (working.has_value) {
    match.variable = whole_name(working.value);
    match.value = working.value.text;
    match.argument = working.argument;
    if (facts_.references) match.reference = reference();
  }
  if (observer_ != nullptr) observer_->says(match.message);
  matches_.push_back(std::move(match));
}

void Transaction::set_variable(const SetVar& action, const Rule& rule) {
  KeyStore* store = record_of(action.collection);
  if (store == nullptr) store = &open_private_record(action.collection);
  const Name key = action.key.literal() ? action.key.name() : Name(expand(action.key, &rule));
  const std::string_view name = key.text;
  const SharedCollections::Id* id = nullptr;
  for (const std::unique_ptr<Record>& record : records_) {
    if (record->collection == action.collection && record->shared) id = &record->id;
  }
  const unsigned timeout = rules_.settings.collection_timeout;
  auto saved = [&] {
    if (observer_ == nullptr) return;
    const KeyStore::Entry* now = store->find(key);
    Value value{.variable = action.collection, .key = name, .text = {}, .keyed = true};
    observer_->saved(whole_name(value), now != nullptr ? now->value : std::string_view{});
  };
  switch (action.kind) {
    case SetVar::Kind::unset:
      store->erase(key);
      if (id != nullptr) shared_.erase(*id, name);
      return;
    case SetVar::Kind::set: {
      std::string_view value = expand(action.value, &rule);
      store->set(key, value);
      if (id != nullptr) shared_.set(*id, name, value, facts_.seconds, timeout);
      return saved();
    }
    case SetVar::Kind::add:
    case SetVar::Kind::subtract: {
      std::int64_t amount = read_int(expand(action.value, &rule)).value_or(0);
      if (action.kind == SetVar::Kind::subtract) amount = -amount;
      if (id != nullptr) {
        store->set(key, number(shared_.add(*id, name, amount, facts_.seconds, timeout)));
        return saved();
      }
      const KeyStore::Entry* old = store->find(key);
      std::int64_t before = old != nullptr ? read_int(old->value).value_or(0) : 0;
      store->set(key, number(saturating_add(before, amount)));
      return saved();
    }
  }
}

// ModSecurity 3 shares what is written before an initcol among all clients, where each would meet
// the others' scores. Here it is of this transaction alone.
KeyStore& Transaction::open_private_record(Variable collection) {
  records_.push_back(std::make_unique<Record>(
      Record{.collection = collection, .id = {}, .values = KeyStore(arena_), .shared = false}));
  return records_.back()->values;
}

void Transaction::open_record(Variable collection, std::string_view key) {
  for (const std::unique_ptr<Record>& record : records_) {
    if (record->collection == collection && record->shared) return;  // the first one stays
  }
  std::erase_if(records_, [&](const auto& record) { return record->collection == collection; });
  std::string whole;
  whole.reserve(rules_.settings.web_app_id.size() + 1 + key.size());
  whole.append(rules_.settings.web_app_id).append("\n").append(key);
  auto record =
      std::make_unique<Record>(Record{.collection = collection,
                                      .id = {.collection = collection, .key = std::move(whole)},
                                      .values = KeyStore(arena_),
                                      .read = {}});
  record->read = shared_.read(record->id, facts_.seconds);
  for (const auto& [name, value] : record->read) record->values.set(name, value);
  records_.reserve(4);  // more than most rule sets open
  records_.push_back(std::move(record));
}

void Transaction::control(const Control& action) {
  std::visit(
      Overloaded{
          [&](const ControlRuleEngine& to) { mode_ = to.mode; },
          [&](const ControlRemoveById& which) {
            removed_ids_.insert(removed_ids_.end(), which.ranges.begin(), which.ranges.end());
          },
          [&](const ControlRemoveByTag& which) { removed_tags_.emplace_back(which.tag); },
          [&](const ControlRemoveByMsg& which) { removed_messages_.emplace_back(which.msg); },
          [&](const ControlRemoveTargetById& which) { removed_targets_by_id_.push_back(&which); },
          [&](const ControlRemoveTargetByTag& which) { removed_targets_by_tag_.push_back(&which); },
          [&](const ControlProcessor& to) { set_processor(to.processor); },
          [&](const ControlBodyAccess& to) {
            (to.request ? request_body_access_ : response_body_access_) = to.on;
          },
          // As in ModSecurity 3 the variable is there whatever the content type.
          [&](const ControlForceBodyVariable&) {},
          [&](const ControlAuditEngine& to) { audit_mode_ = to.mode; },
          [&](const ControlAuditParts& change) {
            std::string parts(audit_parts_);
            if (change.sign == '=') parts = change.parts;
            for (char part : change.parts) {
              if (change.sign == '+' && !parts.contains(part)) parts += part;
              if (change.sign == '-') std::erase(parts, part);
            }
            audit_parts_ = arena_.copy(parts);
          },
          [&](const ControlParseXmlIntoArgs&) {}},
      action);
}

}  // namespace sallyport::seclang
