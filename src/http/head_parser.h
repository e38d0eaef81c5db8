// Strict HTTP/1 message heads (RFC 9112 2-5). One pass; what two parsers could read differently is
// an error with a reason, never repaired.
//
// Pure: bytes in, model out; no I/O, no clock.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "http/limits.h"
#include "http/message.h"

namespace sallyport::http {

// Empty lines before a request line that are skipped (RFC 9112 2.2 asks for one at least).
inline constexpr int kMostEmptyLines = 3;

// Finds the end of a message head in bytes that arrive in pieces.
class HeadScanner {
 public:
  // `bytes` is everything received so far, from the first byte of the message. Returns the length
  // of the head including its empty line, or 0 if it has not ended. Empty lines before the start
  // line belong to the head: give the parser all of it. At a line feed without carriage return, or
  // at an empty line too many, the head ends as well, and the parser will refuse it. Never looks at
  // a byte twice.
  [[nodiscard]] std::size_t scan(std::string_view bytes);
  void reset() { *this = HeadScanner(); }

 private:
  std::size_t seen_ = 0;
  std::size_t line_ = 0;  // where the line that has not ended starts
  int empty_lines_ = 0;
  bool started_ = false;  // a line that is not empty has been seen
};

// How the body that follows a head is framed (RFC 9112 6.3).
enum class Framing : unsigned char { none, length, chunked, until_close };

struct ParsedRequest {
  explicit ParsedRequest(Arena& arena) : request(arena) {}
  Request request;  // body is null; the caller attaches one according to `framing`
  // none, length or chunked. "Content-Length: 0" is `none` with `content_length` 0.
  Framing framing = Framing::none;
};

// Parses a complete request head as delimited by HeadScanner. `head` must live as long as `arena`.
// Everything Request promises is filled in; hop-by-hop fields, and fields that Connection names,
// are marked removed (a websocket upgrade is reported in `upgrade_websocket`), as are
// Expect and, by choice, names with underscores. Content-Length stays, without leading zeros; so
// does Trailer when the body is chunked. `expects_continue` is set only when a body follows.
[[nodiscard]] Result<Done> parse_request(std::string_view head, const Limits& limits,
                                         Underscores underscores, bool merge_slashes, Arena& arena,
                                         ParsedRequest& out);

// Reason to refuse a head that has not ended within the limits, or that can be known to be wrong
// already (a first line that is no request line); success: read on. Costs the first line only, so
// it may be asked after every read.
[[nodiscard]] Result<Done> check_incomplete_request(std::string_view bytes, const Limits& limits);

struct ParsedResponse {
  explicit ParsedResponse(Arena& arena) : response(arena) {}
  Response response;  // body is null; content_length set for Framing::length
  // As for requests; a length of zero is `none` with `content_length` 0.
  Framing framing = Framing::none;
  bool keep_alive = true;
  bool upgrade = false;  // 101 with Upgrade: websocket
};

// Parses a complete response head to a request with `method`. Hop-by-hop fields are marked
// removed. A response whose framing is contradictory is an error (RFC 9112 6.3). Answers to HEAD,
// 1xx, 204 and 304 have no body; Content-Length is removed from 1xx and 204, where it would be a
// lie, and `keep_alive` is false after one that announced a body all the same.
[[nodiscard]] Result<Done> parse_response(std::string_view head, Method request_method,
                                          const Limits& limits, Arena& arena, ParsedResponse& out);

}  // namespace sallyport::http
