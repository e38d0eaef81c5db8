// SecRuleRemoveBy..., SecRuleUpdateTargetBy... and SecRuleUpdateActionById: read into drafts, and
// applied once every rule is known.
//
// As in ModSecurity 3 they are about every rule, whether it stands before or behind them, and
// compare tags and messages as a whole, as written.
#pragma once

#include "seclang/parser/draft.h"
#include "seclang/parser/report.h"

namespace sallyport::seclang {

// True: `directive` is one of them, and was read or reported.
bool read_update(const Directive& directive, Drafts& drafts, Report& report);

void apply_updates(Drafts& drafts);

// The directive that takes the rule away, of which there may be several; empty: none does.
[[nodiscard]] std::string_view removed_by(const RuleDraft& rule, const Drafts& drafts);

}  // namespace sallyport::seclang
