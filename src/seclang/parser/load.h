// From rule files to a RuleSet: reads, parses, applies what changes rules afterwards
// (SecRuleRemoveById, SecRuleUpdateTargetById and the like), resolves markers.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seclang/error.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

struct Source {
  // A file, or a pattern with * and ? (sorted by name); "Include" in it does the same. Relative
  // names are relative to the file that names them.
  std::string path;
  // Rules given directly instead; then `path` is only the name used in messages.
  std::string text;
};

// Everything that is wrong is reported, not only the first; a rule set with any error is not made.
[[nodiscard]] std::expected<std::shared_ptr<const RuleSet>, LoadErrors> load(
    const std::vector<Source>& sources);

}  // namespace sallyport::seclang
