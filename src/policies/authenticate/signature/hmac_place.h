// Reading what `hmac` needs out of a request's header fields. Private to this folder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/headers.h"
#include "policies/authenticate/signature/hmac.h"

namespace sallyport::policies::authenticate_detail {

// The values at one place, views into the request.
struct HmacValues {
  static constexpr std::size_t kMost = 4;
  std::array<std::string_view, kMost> values;
  std::size_t count = 0;
  // Why they count for nothing, static; empty: nothing is wrong, and there may be none.
  std::string_view fault;
};

// The field has to stand once and begin with the prefix. Of parameters (`t=1, v1="ab"`) every one
// of that name counts.
[[nodiscard]] HmacValues values_at(const HmacPlace& place, const http::Headers& headers);

// The milliseconds of the epoch that a timestamp names, strictly.
[[nodiscard]] std::optional<std::int64_t> timestamp_of(std::string_view text,
                                                       TimestampFormat format);

}  // namespace sallyport::policies::authenticate_detail
