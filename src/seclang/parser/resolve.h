// From drafts to rules: operators are made, defaults and updates applied, removed rules left out
// and jumps given their destination.
#pragma once

#include "seclang/parser/draft.h"
#include "seclang/parser/files.h"
#include "seclang/parser/report.h"

namespace sallyport::seclang {

// Fills the phases and defaults of `rules`, whose settings stand. Takes the drafts apart.
void resolve(Drafts& drafts, Files& files, RuleSet& rules, Findings& findings);

}  // namespace sallyport::seclang
