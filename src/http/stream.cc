// One request on a connection: reading its head and body, and its clock.
#include "http/stream.h"

#include <cerrno>
#include <cstring>

#include "http/connection.h"
#include "http/connection_reasons.h"

namespace sallyport::http {

Stream::Stream(Connection& connection)
    : connection_(connection),
      arena_(first_block_),
      body_(connection.input_, connection.settings_->limits, arena_, Blame::client),
      deadline_(this) {}

Task<Result<Request>> Stream::read_head() {
  if (std::size_t size = scanner_.scan(connection_.input_.unread_text()); size != 0) {
    return parse(size);
  }
  return read_more_head();
}

Task<Result<Request>> Stream::read_more_head() {
  async::Input& input = connection_.input_;
  async::Socket& socket = connection_.io_.socket();
  const Limits& limits = connection_.settings_->limits;
  connection_.linger_ = true;  // every way out of here but the good one ends the connection
  socket.arm(*connection_.settings_->header);  // once: trickling bytes do not buy time
  for (;;) {
    Result<Done> possible = check_incomplete_request(input.unread_text(), limits);
    if (!possible) {
      socket.disarm();
      co_return stop(possible);
    }
    async::IoResult got = co_await input.fill();
    if (got.value <= 0) {
      socket.disarm();
      if (got.end()) co_return stop(reasons::kIncompleteHead);
      if (got.error() == ETIMEDOUT) co_return stop(reasons::kHeaderTimeout);
      co_return stop(reasons::kClientGone, std::strerror(got.error()));
    }
    std::size_t size = scanner_.scan(input.unread_text());
    if (size == 0) continue;
    socket.disarm();
    connection_.linger_ = false;
    co_return parse(size);
  }
}

Result<Request> Stream::parse(std::size_t head_size) {
  head_bytes_ = head_size;
  std::string_view head = arena_.copy(connection_.input_.unread_text().substr(0, head_size));
  connection_.input_.consume(head_size);
  const ServerSettings& settings = *connection_.settings_;
  ParsedRequest parsed(arena_);
  Result<Done> ok = parse_request(head, settings.limits, settings.underscores,
                                  settings.merge_slashes, arena_, parsed);
  if (!ok) {
    connection_.linger_ = true;
    return stop(ok);
  }
  Request& request = parsed.request;
  version_ = request.version;
  head_request_ = request.method_id == Method::head;
  keep_alive_ = request.keep_alive;
  expects_continue_ = request.expects_continue;
  if (parsed.framing != Framing::none) {
    has_body_ = true;
    body_.start(parsed.framing, request.content_length.value_or(0));
    request.body = this;
  }
  return std::move(request);
}

Task<Result<BodyPiece>> Stream::next() {
  body_asked_for_ = true;
  if (std::optional<Result<BodyPiece>> piece = body_.take()) {
    body_failed_ = !piece->has_value();
    return std::move(*piece);
  }
  return read_more_body();
}

Task<Result<BodyPiece>> Stream::read_more_body() {
  async::Socket& socket = connection_.io_.socket();
  if (expects_continue_) {
    Result<Done> sent = co_await send_continue();
    if (!sent) co_return stop(sent);
  }
  for (;;) {
    socket.arm(*connection_.settings_->body);
    std::uint64_t asked = socket.reactor().now();
    async::IoResult got = co_await connection_.input_.fill();
    waited_for_body_ += socket.reactor().now() - asked;
    socket.disarm();
    if (got.value <= 0) {
      body_failed_ = true;
      if (got.end()) co_return stop(reasons::kIncompleteBody);
      if (out_of_time_) co_return stop(reasons::kRequestTimeout);
      if (got.error() == ETIMEDOUT) co_return stop(reasons::kBodyTimeout);
      co_return stop(reasons::kClientGone, std::strerror(got.error()));
    }
    std::optional<Result<BodyPiece>> piece = body_.take();
    bool over = piece && (!piece->has_value() || (*piece)->last);
    if (!over && too_slow()) {
      body_failed_ = true;
      co_return stop(reasons::kBodyTooSlow);
    }
    if (piece) {
      body_failed_ = !piece->has_value();
      co_return std::move(*piece);
    }
  }
}

bool Stream::too_slow() const {
  const ServerSettings& settings = *connection_.settings_;
  return waited_for_body_ > settings.body_grace_ms &&
         body_.bytes() * 1000 < settings.min_body_rate * waited_for_body_;
}

Task<bool> Stream::available_within(std::chrono::milliseconds time) {
  if (body_.done() || !connection_.input_.unread_behind(body_.handed_out()).empty()) return true;
  return wait_readable(time);
}

Task<bool> Stream::wait_readable(std::chrono::milliseconds time) {
  async::IoResult ready = co_await connection_.io_.readable_within(time);
  co_return ready.value != -ETIMEDOUT;
}

void Stream::stop_reading() { connection_.io_.socket().end_read_wait(ECANCELED); }

void Stream::on_client_gone(Cancellable* cancellable) {
  cancellable_ = cancellable;
  connection_.grace_.disarm();
  if (cancellable != nullptr && connection_.io_.socket().peer_closed()) {
    connection_.grace_.arm(*connection_.settings_->half_closed);
  }
}

void Stream::time_is_over() {
  out_of_time_ = true;
  if (response_started_) {
    connection_.kill(ETIMEDOUT);
    return;
  }
  if (cancellable_ != nullptr) cancellable_->cancel(ETIMEDOUT);
  connection_.io_.socket().end_read_wait(ETIMEDOUT);
}

}  // namespace sallyport::http
