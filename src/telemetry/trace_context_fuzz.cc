// A traceparent that is accepted is, read again from what is forwarded, the same trace; and nothing
// forwarded is ever malformed.
#include <cstdlib>
#include <string_view>

#include "telemetry/sample_exchange.h"
#include "telemetry/trace_context.h"

using sallyport::telemetry::TraceParent;

// The first line is the traceparent, the others are tracestate fields.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static sallyport::Random random;
  using sallyport::http::HeaderId;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  sallyport::telemetry::SampleExchange sample(nullptr);
  sallyport::Exchange& x = sample.x;
  HeaderId id = HeaderId::traceparent;
  std::string_view first = text.substr(0, text.find('\n'));
  while (true) {
    std::string_view line = text.substr(0, text.find('\n'));
    x.request.headers.add(id, line);
    id = HeaderId::tracestate;
    if (line.size() == text.size()) break;
    text.remove_prefix(line.size() + 1);
  }
  std::optional<TraceParent> accepted = sallyport::telemetry::parse_traceparent(first);
  sallyport::telemetry::begin_trace(x, random);
  sallyport::telemetry::forward_trace(x);
  std::optional<TraceParent> forwarded =
      sallyport::telemetry::parse_traceparent(x.request.headers.get(HeaderId::traceparent));
  if (!forwarded || forwarded->parent_id != x.span_id) std::abort();
  if (accepted.has_value() != x.trace_continued) std::abort();
  if (accepted &&
      (accepted->trace_id != forwarded->trace_id || accepted->sampled != forwarded->sampled)) {
    std::abort();
  }
  std::size_t members = 0;
  for (const sallyport::http::Field& field : x.request.headers) {
    if (field.removed || field.id != HeaderId::tracestate) continue;
    if (!accepted || !sallyport::telemetry::is_valid_tracestate(field.value(), members)) {
      std::abort();
    }
  }
  return 0;
}
