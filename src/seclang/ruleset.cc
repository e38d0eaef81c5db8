#include "seclang/ruleset.h"

#include <algorithm>

namespace sallyport::seclang {

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
