// What inspection found, as it may be written down: values only of variables that hold no secrets.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "policy/exchange.h"
#include "telemetry/masking.h"

namespace sallyport::telemetry {

// The value, or kMask: of arguments whose name is masked, and of everything that has no name to
// tell by (cookies, bodies, whole request lines).
[[nodiscard]] std::string_view shown_value(const Finding& finding, const MaskedNames& masked);

// "942100 ARGS:id=1' or 1=1; 949110 TX:ANOMALY_SCORE=5", cut somewhat past `limit` bytes.
[[nodiscard]] std::string_view findings_text(std::span<const Finding> findings,
                                             const MaskedNames& masked, std::size_t limit,
                                             Arena& arena);

}  // namespace sallyport::telemetry
