// W3C Trace Context: reads `traceparent` strictly, continues or begins a trace, writes it for the
// upstream. What is malformed is dropped and a new trace begins; it never refuses a request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/random.h"
#include "policy/exchange.h"

namespace sallyport::telemetry {

struct TraceParent {
  std::array<char, 32> trace_id;
  std::array<char, 16> parent_id;
  bool sampled;
};

inline constexpr std::size_t kTraceParentLength = 55;

// A `traceparent` value. Version 00 has exactly its four parts; of a higher version the first four
// are read, "ff" is invalid. Hexadecimal is lower case only; identifiers of zeros are invalid.
[[nodiscard]] std::optional<TraceParent> parse_traceparent(std::string_view value);

// Writes kTraceParentLength bytes, version 00.
void write_traceparent(char* out, const std::array<char, 32>& trace_id,
                       const std::array<char, 16>& span_id, bool sampled);

// Whether `value` is a list of `key=value` members as the specification wants them; `members` is
// counted up (32 at most over all fields of that name). A key that occurs twice is not looked for.
[[nodiscard]] bool is_valid_tracestate(std::string_view value, std::size_t& members);

// Sets trace_id, span_id and trace_sampled of the exchange: continues what the request brings, or
// begins a new trace. Nothing in the request is changed. To be called once the head is parsed (and
// also without one, so that refusals have a trace id too).
void begin_trace(Exchange& x, Random& random);

// Writes `traceparent` into the request for the upstream; `tracestate` stays only if it is valid
// and the trace was continued. `begin_trace` must have been called.
void forward_trace(Exchange& x);

}  // namespace sallyport::telemetry
