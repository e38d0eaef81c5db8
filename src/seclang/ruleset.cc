#include "seclang/ruleset.h"

#include <algorithm>

namespace sallyport::seclang {

void Link::for_each_macro(const std::function<void(const Macro&)>& each) const {
  for (const Macro* macro : {&argument, &actions.msg, &actions.logdata, &actions.set_uid,
                             &actions.set_sid, &actions.set_rsc}) {
    each(*macro);
  }
  for (const Macro& tag : actions.tags) each(tag);
  for (const SetVar& action : actions.setvars) {
    each(action.key);
    each(action.value);
  }
  for (const ExpireVar& action : actions.expirevars) {
    each(action.key);
    each(action.seconds);
  }
  for (const InitCol& action : actions.initcols) each(action.key);
  for (const auto& [name, value] : actions.setenvs) each(value);
}

bool Rule::has_tag(std::string_view tag) const {
  return std::ranges::any_of(chain, [&](const Link& link) {
    return std::ranges::any_of(link.actions.tags,
                               [&](const Macro& each) { return each.source() == tag; });
  });
}

bool Rule::has_message(std::string_view message) const {
  return chain.front().actions.msg.source() == message;
}

const Rule* RuleSet::find(std::int64_t id) const {
  for (const std::deque<Rule>& phase : phases) {
    auto found = std::ranges::find(phase, id, &Rule::id);
    if (found != phase.end()) return &*found;
  }
  return nullptr;
}

}  // namespace sallyport::seclang
