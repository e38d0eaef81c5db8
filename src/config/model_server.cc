// See model_server.h.
#include "config/model_server.h"

#include "config/words.h"

namespace sallyport::config {

using schema::field;
using schema::Fields;
using schema::Size;

Fields<Timeouts> Table<Timeouts>::fields() {
  constexpr std::chrono::milliseconds kLeast{10};
  constexpr std::chrono::milliseconds kNone{0};
  constexpr std::chrono::milliseconds kHour = std::chrono::hours(1);
  constexpr std::chrono::milliseconds kDay = std::chrono::hours(24);
  constexpr std::chrono::milliseconds kWeek = std::chrono::hours(168);
  return {
      field("handshake", &Timeouts::handshake, "For a TLS handshake.").range(kLeast, kHour),
      field("header", &Timeouts::header,
            "From the first byte of a request to the end of its headers.")
          .range(kLeast, kHour),
      field("body", &Timeouts::body, "Between two reads of a request body.").range(kLeast, kHour),
      field("send", &Timeouts::send, "Between two writes to a client that make progress.")
          .range(kLeast, kHour),
      field("idle", &Timeouts::idle, "Between two requests of a connection.").range(kLeast, kDay),
      field("half_closed", &Timeouts::half_closed,
            "How long a client that has closed its side still gets its response.")
          .range(kLeast, kHour),
      field("request", &Timeouts::request,
            "For a whole request, from its headers to the last byte of the response; 0 is no "
            "limit. An API or route may set its own.")
          .range(kNone, kWeek),
      field("tunnel_idle", &Timeouts::tunnel_idle, "For a WebSocket without bytes either way.")
          .range(kLeast, kWeek),
      field("tunnel_lifetime", &Timeouts::tunnel_lifetime, "For a WebSocket; 0 is no limit.")
          .range(kNone, kWeek),
      field("min_body_rate", &Timeouts::min_body_rate,
            "Bytes per second below which a request body is too slow, once `body` has passed; 0 is "
            "no limit.")
          .range(0, 1'000'000'000),
  };
}

namespace model {

Fields<Mask> Mask::fields() {
  return {
      field("headers", &Mask::headers,
            "Headers whose values never reach the log, in addition to " +
                list_of(masked_headers()) + ".")
          .or_single()
          .check(header_name_fault),
      field("query", &Mask::query,
            "Query parameters whose values never reach the log, in addition to " +
                list_of(masked_query()) + ".")
          .or_single(),
  };
}

Fields<Log> Log::fields() {
  return {
      field("access", &Log::access,
            "File for one JSON line per request; `-` is standard output, `off` is none."),
      field("mask", &Log::mask, "What is masked."),
  };
}

Fields<Limits> Limits::fields() {
  constexpr Size kSmall{.bytes = 256};
  constexpr Size kField{.bytes = 60 * schema::kKiB};
  constexpr Size kMost{.bytes = schema::kMiB};
  return {
      field("request_line", &Limits::request_line, "Bytes of a request line.")
          .range(kSmall, kField),
      field("header_field", &Limits::header_field, "Bytes of one header.").range(kSmall, kField),
      field("header_bytes", &Limits::header_bytes, "Bytes of all headers of a request.")
          .range(Size{.bytes = schema::kKiB}, kMost),
      field("header_count", &Limits::header_count, "Headers of a request.").range(1, 1000),
      field("trailer_bytes", &Limits::trailer_bytes, "Bytes of all trailers.")
          .range(Size{.bytes = 0}, kMost),
      field("connections", &Limits::connections,
            "Client connections at a time; one above the limit is closed at once. 0 takes what "
            "the limit on open files allows.")
          .range(0, 10'000'000)
          .default_text("from the limit on open files"),
      field("connections_per_client", &Limits::connections_per_client,
            "The same for one client address; 0 is a quarter of all, and none for loopback "
            "addresses.")
          .range(0, 10'000'000)
          .default_text("a quarter of `connections`"),
  };
}

Fields<Http> Http::fields() {
  return {
      field("underscores", &Http::underscores,
            "What happens to a header with `_` in its name, which some servers take for `-`."),
      field("merge_slashes", &Http::merge_slashes,
            "Reads `//` in a path as `/`, for routing and for the upstream."),
  };
}

Fields<Trail> Trail::fields() {
  return {
      field("records", &Trail::records,
            "Decision trails kept in memory, per worker, for `sallyport explain`.")
          .range(0, 1'000'000),
  };
}

}  // namespace model
}  // namespace sallyport::config
