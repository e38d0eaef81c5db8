// A body that is kept in memory because nobody knows who sends it before all of it is there.
// Private to this folder.
#pragma once

#include <cstddef>
#include <string_view>

#include "async/task.h"
#include "base/result.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// All bodies together that are held so, in bytes: strangers must not be able to take more.
inline constexpr std::size_t kMostHeld = std::size_t{256} << 20;

// The body of the request, which later policies and the upstream get as if nothing had happened,
// whatever comes out. Fails with `too_large` beyond `limit` bytes, or beyond the limit of whoever
// has asked first for this request; with `no_room` where those of all requests come to more than
// kMostHeld, and as the body does. The view is of the exchange's arena.
[[nodiscard]] Task<Result<std::string_view>> hold_body(Exchange& x, std::size_t limit,
                                                       const Reason& too_large,
                                                       const Reason& no_room);

}  // namespace sallyport::policies::authenticate_detail
