// Every policy this build knows, by name. The list is made from the folders beside this file.
#pragma once

#include <vector>

#include "policy/registry.h"

namespace sallyport::policies {

// Made anew at each call; keep it.
[[nodiscard]] std::vector<PolicyType> all();

}  // namespace sallyport::policies
