// Writing an answer: its head anew from the model, its body piece by piece as it comes. An answer
// that cannot be completed is cut so that the client notices.
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>

#include "base/clock.h"
#include "http/connection.h"
#include "http/connection_reasons.h"
#include "http/message_writer.h"
#include "http/stream.h"
#include "http/wire_pieces.h"

namespace sallyport::http {
namespace {

// Room for what write_head adds to the fields: status line, framing, Connection, Date.
constexpr std::size_t kHeadRoom = 256;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_number(char* out, std::uint64_t number) {
  return std::to_chars(out, out + 20, number).ptr;
}

bool may_have_body(std::uint16_t status) { return status >= 200 && status != 204 && status != 304; }

// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", written once a second per thread.
std::string_view date_line() {
  static thread_local std::array<char, 37> line;
  static thread_local std::int64_t written = -1;
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != written) {
    written = now.tv_sec;
    std::memcpy(line.data(), "Date: ", 6);
    write_http_date(line.data() + 6, now.tv_sec);
    std::memcpy(line.data() + 35, "\r\n", 2);
  }
  return {line.data(), line.size()};
}

}  // namespace

char* Stream::write_head(char* out, const Response& response, bool has_body, bool chunked) {
  out = write_status_line(out, response.status);
  out = write_fields(out, response.headers);
  if (!response.headers.maybe_has(HeaderId::date)) out = put(out, date_line());
  if (response.status == 101) {
    out = put(out, "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    return out;
  }
  if (chunked) {
    out = put(out, "Transfer-Encoding: chunked\r\n");
  } else if (std::optional<std::uint64_t> length = announced_length(response, has_body)) {
    out = put(out, "Content-Length: ");
    out = put_number(out, *length);
    out = put(out, "\r\n");
  }
  if (!keep_alive_) {
    out = put(out, "Connection: close\r\n");
  } else if (version_ == Version::http_1_0) {
    out = put(out, "Connection: keep-alive\r\n");
  }
  return put(out, "\r\n");
}

// What Content-Length is to be written. Answers to HEAD and 304 have no body and tell the length
// that a GET would have got (RFC 9110 8.6); an upstream's own field stays as it came.
std::optional<std::uint64_t> Stream::announced_length(const Response& response,
                                                      bool has_body) const {
  if (response.status < 200 || response.status == 204) return std::nullopt;
  if (has_body) return response.content_length;
  if (!head_request_ && response.status != 304) return 0;
  if (response.headers.find(HeaderId::content_length) != nullptr) return std::nullopt;
  return response.content_length;
}

Task<Result<Done>> Stream::send_continue() {
  expects_continue_ = false;
  if (response_started_ || version_ != Version::http_1_1) co_return Done{};
  async::IoResult sent = co_await connection_.io_.send(
      std::span(reinterpret_cast<const std::byte*>(kContinue.data()), kContinue.size()), false,
      connection_.settings_->send);
  if (!sent.ok()) co_return fail_send(sent.error());
  bytes_out_ += kContinue.size();
  co_return Done{};
}

Task<Result<Done>> Stream::write_interim(const Response& response) {
  if (response_started_ || version_ != Version::http_1_1) co_return Done{};
  char* head = arena_.chars(fields_size(response.headers) + kHeadRoom);
  char* end = write_status_line(head, response.status);
  end = write_fields(end, response.headers);
  end = put(end, "\r\n");
  auto size = static_cast<std::size_t>(end - head);
  async::IoResult sent =
      co_await connection_.io_.send(std::span(reinterpret_cast<const std::byte*>(head), size),
                                    false, connection_.settings_->send);
  if (!sent.ok()) co_return fail_send(sent.error());
  bytes_out_ += size;
  co_return Done{};
}

Result<Done> Stream::fail_send(int error) {
  connection_.aborted_ = true;
  connection_.closing_ = true;
  keep_alive_ = false;
  if (out_of_time_) return stop(reasons::kRequestTimeout);
  if (error == ETIMEDOUT) return stop(reasons::kSendTimeout);
  return stop(reasons::kClientGone, std::strerror(error));
}

Task<Result<Done>> Stream::write(Response& response) {
  response_started_ = true;
  if (response.status == reasons::kClientGone.status) return fail_send(ECANCELED);  // to nobody
  if (response.status == 101 && response.tunnel.stream != nullptr) {
    return write_and_tunnel(response);
  }
  bool has_body = response.body != nullptr && !head_request_ && may_have_body(response.status);
  bool chunked = false;
  if (has_body && !response.content_length) {
    chunked = version_ == Version::http_1_1;
    if (!chunked) keep_alive_ = false;  // only the end of the connection ends such a body
  }
  discard_request_body();
  if (has_body_ && (body_failed_ || !body_.done())) {
    keep_alive_ = false;
    connection_.linger_ = true;
  }
  if (connection_.source_.draining()) keep_alive_ = false;
  if (!keep_alive_) connection_.closing_ = true;

  if (!head_request_ && response.status != 304) {
    response.headers.remove(HeaderId::content_length);
  }
  char* head = arena_.chars(fields_size(response.headers) + kHeadRoom);
  char* end = write_head(head, response, has_body, chunked);
  auto size = static_cast<std::size_t>(end - head);
  if (has_body) return write_body(response, head, size, chunked);
  return write_bodiless(head, size);
}

// A request body nobody asked for: dropped if all of it is here already, so that the connection
// can go on.
void Stream::discard_request_body() {
  if (body_asked_for_ || expects_continue_) return;
  while (has_body_ && !body_failed_ && !body_.done()) {
    std::optional<Result<BodyPiece>> piece = body_.take();
    if (!piece) return;
    body_failed_ = !piece->has_value();
  }
}

Task<Result<Done>> Stream::write_bodiless(char* head, std::size_t size) {
  async::IoResult sent =
      co_await connection_.io_.send(std::span(reinterpret_cast<const std::byte*>(head), size),
                                    !keep_alive_, connection_.settings_->send);
  if (!sent.ok()) co_return fail_send(sent.error());
  bytes_out_ += size;
  co_return Done{};
}

// Awaits a piece of a body; one that comes while `sending` is moved to where it stays.
Task<Result<BodyPiece>> Stream::keep_piece(Task<Result<BodyPiece>> coming, const bool& sending) {
  Result<BodyPiece> piece = co_await coming;
  if (piece && sending) {
    piece->bytes =
        async::Scratch::here().pin(piece->bytes, [this](auto bytes) { return arena_.copy(bytes); });
  }
  co_return piece;
}

Task<Result<Done>> Stream::write_body(Response& response, char* head, std::size_t head_size,
                                      bool chunked) {
  Body& body = *response.body;
  async::Stream& io = connection_.io_;
  std::uint64_t left = response.content_length.value_or(0);
  bool slow = false;
  Result<BodyPiece> piece = BodyPiece{};
  for (;;) {
    Task<Result<BodyPiece>> coming = body.next();
    if (head_size > 0 && !coming.ready()) {
      // The piece may come while the head is still being sent: then it must not stay in the
      // scratch.
      bool sending = true;
      Task<Result<BodyPiece>> kept = keep_piece(std::move(coming), sending);
      // Nothing of the body is here yet: the head does not wait for it (server-sent events).
      async::IoResult sent =
          co_await io.send(std::span(reinterpret_cast<const std::byte*>(head), head_size), false,
                           connection_.settings_->send);
      sending = false;  // NOLINT(*-deadcode.DeadStores): keep_piece looks at it
      if (!sent.ok()) {
        if (cancellable_ != nullptr) cancellable_->cancel(ECANCELED);
        Result<BodyPiece> ignored = co_await kept;
        co_return fail_send(sent.error());
      }
      bytes_out_ += head_size;
      head_size = 0;
      piece = co_await kept;
    } else {
      piece = co_await coming;
    }
    if (!piece && head_size > 0) {
      response_started_ = false;  // nothing was sent: the client can still be told
      co_return stop(piece);
    }
    if (!piece) {
      // What was sent so far must not be taken for a whole answer.
      connection_.aborted_ = true;
      connection_.closing_ = true;
      co_return stop(piece);
    }
    std::span<const std::byte> bytes = piece->bytes;
    if (!chunked && response.content_length) {
      if (bytes.size() > left || (piece->last && bytes.size() < left)) {
        connection_.aborted_ = true;
        connection_.closing_ = true;
        co_return stop(reasons::kBodyLengthMismatch);
      }
      left -= bytes.size();
    }

    WirePieces out;
    out.add({head, head_size});
    if (chunked) {
      out.add_chunk(*piece, body, arena_);
    } else {
      out.add(bytes);
    }
    head_size = 0;
    if (!out.empty()) {
      auto send = io.send(out.pieces(), piece->last && !keep_alive_, connection_.settings_->send);
      async::IoResult sent = co_await send;
      if (!sent.ok()) co_return fail_send(sent.error());
      bytes_out_ += out.size();
      if (send.waited() != slow) {
        slow = send.waited();
        body.pace(slow);
      }
    }
    if (piece->last) break;
  }
  co_return Done{};
}

}  // namespace sallyport::http
