// The one model of a request and of a response. Whoever parsed it, HTTP/1 or HTTP/2, everything
// behind reads only this.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "async/task.h"
#include "base/result.h"
#include "http/headers.h"

namespace sallyport::async {
class Input;  // NOLINT(*-virtual-class-destructor): final where it is defined
class Stream;
}  // namespace sallyport::async

namespace sallyport::http {

enum class Version : std::uint8_t { http_1_0, http_1_1, http_2 };

// Methods are case-sensitive tokens; the common ones have an id so that routing compares numbers.
enum class Method : std::uint8_t { other, get, head, post, put, delete_, patch, options };
[[nodiscard]] Method method_id(std::string_view method);
// Safe to send again when nobody knows whether it arrived (RFC 9110 9.2.2).
[[nodiscard]] bool is_idempotent(Method method);

// A piece of a body, without its framing. The bytes are valid until the next call of `next`, or
// until the coroutine that got them suspends for anything but that body's own sending.
struct BodyPiece {
  std::span<const std::byte> bytes;
  bool last = false;
};

// A body: a stream with back-pressure, never a string that must fit in memory. Nothing is read
// before somebody asks.
class Body {
 public:
  virtual ~Body() = default;
  // The next piece; `last` comes exactly once, possibly with bytes. Not to be called again after
  // the last piece or an error.
  virtual Task<Result<BodyPiece>> next() = 0;
  // True as soon as `next` would not wait, false if that takes longer than `time`. A body that
  // stands in front of another must hand this on.
  virtual Task<bool> available_within(std::chrono::milliseconds /*time*/) { return true; }
  // A hint from the receiving end: whoever takes this body takes it slowly (or keeps up again), so
  // read it in smaller (or larger) pieces.
  virtual void pace(bool /*slow*/) {}
  // Trailer fields, known after the last piece; null if there are none.
  [[nodiscard]] virtual const Headers* trailers() const { return nullptr; }
};

struct Request {
  explicit Request(Arena& arena) : headers(arena) {}

  std::string_view method;
  // The request target as the client wrote it, before anything was normalised. For inspection only.
  std::string_view target;
  // As sent upstream: normalised path, starts with "/" ("*" for OPTIONS *). No query.
  std::string_view path;
  // Without "?", as it came (checked, not decoded). `has_query` tells "/a?" from "/a".
  std::string_view query;
  // Lower case, without port; empty when HTTP/1.0 sent none. IPv6 literals keep their brackets.
  std::string_view host;
  // Host with port as the client wrote it (lower case).
  std::string_view authority;
  Headers headers;
  Body* body = nullptr;                         // null: no body
  std::optional<std::uint64_t> content_length;  // empty with a body: length not known in advance
  Version version = Version::http_1_1;
  Method method_id = Method::other;
  bool has_query = false;
  bool keep_alive = true;
  bool expects_continue = false;
  bool upgrade_websocket = false;  // asks for exactly "websocket", properly
};

// The other end of a tunnel (a websocket after its 101): whoever answers with one keeps it alive
// until the response has been written.
struct Tunnel {
  async::Stream* stream = nullptr;
  async::Input* input = nullptr;  // bytes that came behind the 101
};

struct Response {
  explicit Response(Arena& arena) : headers(arena) {}

  std::uint16_t status = 0;
  Headers headers;
  Body* body = nullptr;                         // null: no body
  std::optional<std::uint64_t> content_length;  // empty with a body: chunked, or until close
  Tunnel tunnel;                                // with status 101
};

}  // namespace sallyport::http
