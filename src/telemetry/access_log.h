// One JSON line per finished exchange, field names after the Elastic Common Schema, in flat dotted
// keys. Formats into the worker's own buffer; writing is the LogSink's business.
//
// Never logs header fields other than user agent and referrer, and never a body. Any bytes in the
// request still give a line that is valid JSON.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "policy/exchange.h"
#include "telemetry/log_context.h"
#include "telemetry/log_sink.h"
#include "telemetry/route_notes.h"

namespace sallyport::telemetry {

// One field of the line, for the reference page. `condition` empty: in every line.
struct LogFieldDescription {
  std::string_view name;
  std::string_view type;       // as in the schema: "keyword", "ip", "long", "date", "wildcard"
  std::string_view condition;  // when it is there
  std::string_view meaning;
  std::uint16_t limit = 0;  // of text: bytes before it is cut and ends in "..."
};

// Every field there is, in the order of the line.
[[nodiscard]] std::span<const LogFieldDescription> access_log_fields();

// What of the line is the same for every exchange of a route.
[[nodiscard]] std::string access_log_route_part(const RouteNames& names, std::uint64_t revision);

// The log of one worker. Not thread-safe.
class AccessLog {
 public:
  // `sink` must outlive the log; null: nothing is logged.
  explicit AccessLog(LogSink* sink) : sink_(sink) {}
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  ~AccessLog() { flush(); }

  // No allocation, lock or system call, except once per 64 KiB when the buffer is handed over.
  void record(const Exchange& x, const LogContext& context);

  // Hands over what there is. To be called about once a second and at the end.
  void flush() {
    if (buffer_.size != 0) sink_->submit(buffer_);
  }

  // What has been formatted and not handed over.
  [[nodiscard]] std::string_view pending() const { return {buffer_.bytes.get(), buffer_.size}; }

 private:
  [[nodiscard]] char* format(char* out, const Exchange& x, const LogContext& context);
  [[nodiscard]] char* put_time(char* out, std::int64_t unix_milliseconds);

  LogSink* sink_;
  LogBuffer buffer_;
  std::int64_t second_ = -1;  // what `second_text_` stands for
  std::array<char, 24> second_text_{};
};

}  // namespace sallyport::telemetry
