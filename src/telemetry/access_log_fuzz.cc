// Whatever bytes the parts of an exchange hold, its log line and its trail are valid JSON, and no
// value of a parameter called "token" is in them.
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "telemetry/access_log.h"
#include "telemetry/json_check.h"
#include "telemetry/metrics.h"
#include "telemetry/sample_exchange.h"
#include "telemetry/trail_ring.h"

namespace sallyport::telemetry {
namespace {

struct State {
  WorkerMetrics metrics;
  std::unique_ptr<LogSink> sink = std::move(*LogSink::open({.path = "/dev/null"}));
  WallClock clock;
  TrailRing ring{2};
  AccessLog log{sink.get()};
  RouteBook book{metrics};
  MaskedNames masked;
};

constexpr std::string_view kSecret = "5up3r-s3cr3t";

// Gives the exchange's texts the parts of `text`, split at newlines, in turn.
void fill(Exchange& x, std::string_view text) {
  std::array<std::string_view*, 12> parts = {
      &x.request.path,  &x.request.query,     &x.request.host, &x.request.method,
      &x.client.text,   &x.tls.version,       &x.tls.cipher,   &x.tls.client_subject,
      &x.upstream.name, &x.upstream.endpoint, &x.detail,       nullptr};
  std::size_t i = 0;
  while (!text.empty()) {
    std::string_view part = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (parts[i] != nullptr) {
      *parts[i] = part;
    } else {
      x.request.headers.set(http::HeaderId::user_agent, part);
      x.request.headers.set(http::HeaderId::referer, part);
      x.trail.add({.reason = &kSampleReason, .detail = part, .policy = 9});
    }
    i = (i + 1) % parts.size();
  }
}

void check(std::string_view json, std::string_view input) {
  if (!JsonCheck::flatten(json)) std::abort();
  if (!input.contains(kSecret) && json.contains(kSecret)) std::abort();
}

}  // namespace
}  // namespace sallyport::telemetry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::telemetry;  // NOLINT(google-build-using-namespace): one function
  static State state;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  SampleExchange sample(nullptr);
  fill(sample.x, text);
  std::string query(sample.x.request.query);
  query += "&token=";
  query += kSecret;
  sample.x.request.query = query;

  LogContext context =
      finish(sample.x, sallyport::Ticks::now(), state.clock, state.masked, state.book, 1);
  state.log.record(sample.x, context);
  std::string_view line = state.log.pending();
  if (!line.ends_with('\n')) std::abort();
  line.remove_suffix(1);
  if (line.contains('\n')) std::abort();
  check(line, text);
  state.log.flush();

  state.ring.record(sample.x, context);
  check(TrailRing::to_json(*state.ring.newest(0)), text);
  return 0;
}
