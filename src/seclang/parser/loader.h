// Loading with files that need not be on a disk: what load() does, for tests and the fuzzer.
#pragma once

#include "seclang/parser/files.h"
#include "seclang/parser/load.h"

namespace sallyport::seclang {

[[nodiscard]] std::expected<std::shared_ptr<const RuleSet>, LoadErrors> load_with(
    const std::vector<Source>& sources, FileAccess access);

}  // namespace sallyport::seclang
