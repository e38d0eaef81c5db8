// Reading the response: interim ones, the head, then the body piece by piece.
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "policy/route.h"
#include "upstream/call.h"
#include "upstream/reasons.h"

namespace sallyport::upstream {
namespace {

// More than a request may have: cookies and policies of large applications come this way.
constexpr http::Limits kResponseLimits{.request_line = 8192,
                                       .header_field = 16384,
                                       .header_bytes = 65536,
                                       .header_count = 200,
                                       .trailer_bytes = 16384,
                                       .trailer_count = 64,
                                       .chunk_line = 4096,
                                       .chunk_overhead = 65536};
constexpr int kMostInterim = 8;
constexpr std::size_t kSlowWindow = 16384;  // for clients that read slowly

}  // namespace

Task<Result<http::Response>> Call::read_response() {
  async::Input& input = connection_->input();
  async::Socket& socket = connection_->io().socket();
  if (!pump_) socket.arm(response_timeout());
  for (int interim = 0;; ++interim) {
    http::HeadScanner scanner;
    std::size_t size = 0;
    while ((size = scanner.scan(input.unread_text())) == 0) {
      if (input.unread().size() > kResponseLimits.header_bytes + kResponseLimits.request_line) {
        failed_ = true;
        co_return stop(reasons::kBadResponse, "the head has no end within the limits");
      }
      async::IoResult got = co_await input.fill();
      if (got.value > 0) {
        answered_ = true;
        continue;
      }
      socket.disarm();
      // Bytes that came before the end may be a wrong protocol: no reason to try again.
      if (got.end() && !input.unread().empty()) {
        failed_ = true;
        co_return stop(reasons::kBadResponse, "the connection ended within the head");
      }
      if (!got.end() && got.error() == ETIMEDOUT) failed_ = true;
      Result<Done> why =
          failure(got.end() ? 0 : got.error(), reasons::kResponseTimeout, reasons::kClosed);
      co_return stop(why);
    }
    std::string_view head = x_.arena.copy(input.unread_text().substr(0, size));
    input.consume(size);
    http::ParsedResponse parsed(x_.arena);
    Result<Done> ok =
        http::parse_response(head, x_.request.method_id, kResponseLimits, x_.arena, parsed);
    if (!ok) {
      socket.disarm();
      failed_ = true;
      co_return stop(ok);
    }
    std::uint16_t status = parsed.response.status;
    if (status >= 200 || status == 101) {
      socket.disarm();
      co_return accept(parsed);
    }
    if (interim == kMostInterim) {
      socket.disarm();
      failed_ = true;
      co_return stop(reasons::kTooManyInterim);
    }
    // 100 answers an expectation that ends here; the others are for the client.
    if (status != 100 && x_.stream != nullptr) {
      Result<Done> sent = co_await x_.stream->write_interim(parsed.response);
      if (!sent) co_return stop(sent);
    }
  }
}

Result<http::Response> Call::accept(http::ParsedResponse& parsed) {
  http::Response& response = parsed.response;
  x_.timings.upstream_head = Ticks::now();
  x_.upstream.status = response.status;
  if (response.status == 101) {
    if (!parsed.upgrade || !x_.request.upgrade_websocket) {
      failed_ = true;
      return stop(reasons::kUnexpectedUpgrade);
    }
    response.tunnel = {.stream = &connection_->io(), .input = &connection_->input()};
    return std::move(response);
  }
  if (response.status == 502 || response.status == 503 || response.status == 504) {
    pool_->endpoint().failed(local_.settings().ejection, upstreams_.reactor_.now(),
                             local_.may_eject());
  } else {
    pool_->endpoint().succeeded();
  }
  keep_alive_ = parsed.keep_alive;
  complete_ = parsed.framing == http::Framing::none;
  if (complete_) {
    x_.timings.upstream_end = x_.timings.upstream_head;
  } else {
    reader_.emplace(connection_->input(), kResponseLimits, x_.arena, Blame::upstream);
    reader_->start(parsed.framing, response.content_length.value_or(0));
    response.body = this;
  }
  return std::move(response);
}

Task<Result<http::BodyPiece>> Call::next() {
  if (std::optional<Result<http::BodyPiece>> piece = reader_->take()) {
    if (piece->has_value() && (*piece)->last) {
      complete_ = true;
      x_.timings.upstream_end = Ticks::now();
    }
    return std::move(*piece);
  }
  return read_more();
}

Task<Result<http::BodyPiece>> Call::read_more() {
  async::Socket& socket = connection_->io().socket();
  for (;;) {
    // While the request body is still being sent, the pump's clock counts.
    if (!pump_ || pump_->ready()) socket.arm(local_.times().idle);
    async::IoResult got = co_await connection_->input().fill();
    socket.disarm();
    if (got.end()) {
      std::optional<http::BodyPiece> last = reader_->end_of_stream();
      if (!last) co_return stop(reasons::kTruncated, "the connection ended within the body");
      complete_ = true;
      keep_alive_ = false;
      x_.timings.upstream_end = Ticks::now();
      co_return *last;
    }
    if (!got.ok()) {
      Result<Done> why = failure(got.error(), reasons::kBodyTimeout, reasons::kTruncated);
      co_return stop(why);
    }
    if (std::optional<Result<http::BodyPiece>> piece = reader_->take()) {
      if (piece->has_value() && (*piece)->last) {
        complete_ = true;
        x_.timings.upstream_end = Ticks::now();
      }
      co_return std::move(*piece);
    }
  }
}

void Call::pace(bool slow) {
  connection_->input().set_window(slow ? kSlowWindow : async::Scratch::kSize);
}

}  // namespace sallyport::upstream
