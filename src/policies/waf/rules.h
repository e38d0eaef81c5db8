// The rules of one `waf` block: which files, what is put between and behind them, and what is wrong
// with any of it, told in the configuration's terms.
#pragma once

#include <memory>

#include "policies/waf/settings.h"
#include "schema/context.h"
#include "schema/node.h"
#include "seclang/plan/live_plan.h"

namespace sallyport::policies::waf_detail {

// Loads them and makes them ready to run; blocks of one configuration with the same rules share one
// plan. Null after reporting to `context`. Reads files: not for a worker's thread.
[[nodiscard]] std::shared_ptr<const seclang::LivePlan> load_rules(const Config& config,
                                                                  const schema::Node& block,
                                                                  schema::Context& context);

// The lines of the rule language that the exclusions come to, one for each.
[[nodiscard]] std::string exclusion_lines(const std::vector<schema::Marked<Exclusion>>& exclusions);

// What stands where crs-setup.conf would say it; empty if the file says nothing.
[[nodiscard]] std::string setup_line(const Config& config);

}  // namespace sallyport::policies::waf_detail
