// After a 101: bytes both ways until one side ends, nothing happens for too long, or the tunnel's
// lifetime is over.
#include <sys/socket.h>

#include <cerrno>

#include "http/connection.h"
#include "http/message_writer.h"
#include "http/stream.h"

namespace sallyport::http {
namespace {

struct Side {
  async::Stream& stream;
  async::Input& input;
};

// Copies until the source ends or either side fails. Any byte restarts the idle time of both.
Task<Done> copy(Side from, Side to, async::TimerList& idle, std::uint64_t& bytes) {
  for (;;) {
    if (from.input.unread().empty()) {
      from.stream.socket().arm(idle);
      async::IoResult got = co_await from.input.fill();
      if (got.value <= 0) {
        if (got.end()) {
          shutdown(to.stream.socket().fd(), SHUT_WR);
        } else {
          from.stream.kill(got.error());
          to.stream.kill(got.error());
        }
        co_return Done{};
      }
    }
    std::size_t size = from.input.unread().size();
    // Any byte is a sign of life for both directions.
    from.stream.socket().touch();
    to.stream.socket().touch();
    auto send = to.stream.send(from.input.unread(), false, &idle);
    async::IoResult sent = co_await send;
    from.input.consume(size);
    if (!sent.ok()) {
      from.stream.kill(sent.error());
      to.stream.kill(sent.error());
      co_return Done{};
    }
    bytes += size;
  }
}

}  // namespace

Task<Result<Done>> Stream::write_and_tunnel(Response& response) {
  connection_.closing_ = true;
  char* head = arena_.chars(fields_size(response.headers) + 256);
  char* end = write_head(head, response, false, false);
  auto size = static_cast<std::size_t>(end - head);
  async::IoResult sent =
      co_await connection_.io_.send(std::span(reinterpret_cast<const std::byte*>(head), size),
                                    false, connection_.settings_->send);
  if (!sent.ok()) co_return fail_send(sent.error());
  bytes_out_ += size;

  on_client_gone(nullptr);  // from here both sides are read all the time
  deadline_.disarm();
  if (connection_.settings_->tunnel_lifetime != nullptr) {
    deadline_.arm(*connection_.settings_->tunnel_lifetime);
  }
  async::TimerList& idle = *connection_.settings_->tunnel_idle;
  Side client{.stream = connection_.io_, .input = connection_.input_};
  Side upstream{.stream = *response.tunnel.stream, .input = *response.tunnel.input};
  std::uint64_t up = 0;
  Task<Done> upwards = copy(client, upstream, idle, up);
  Task<Done> downwards = copy(upstream, client, idle, bytes_out_);
  (void)co_await upwards;
  (void)co_await downwards;
  co_return Done{};
}

}  // namespace sallyport::http
