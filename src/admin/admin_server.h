// The admin listener: HTTP/1 on the controlling thread, with or without TLS, as strictly read as on
// the data path, for a few connections at a time. It neither proxies nor keeps state.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "admin/admin_backend.h"
#include "admin/router.h"
#include "async/reactor.h"
#include "async/socket.h"
#include "async/task.h"
#include "http/connection.h"

namespace sallyport::admin {

class AdminServer final : public http::SettingsSource {
 public:
  // Both must outlive it.
  AdminServer(async::Reactor& reactor, AdminBackend& backend);
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  // The reactor must have had a turn after `stop`.
  ~AdminServer();

  // Accepts from this socket from now on, which it owns, and from no other; -1: from none, and
  // connections end after their answer.
  void listen(int fd);
  // Another configuration is in force: connections whose certificates an earlier one has verified
  // end after their answer, so that what it says of them counts.
  void configuration_changed();
  // Ends everything now, in the reactor's next turn.
  void stop();

  [[nodiscard]] std::size_t connections() const { return open_.size(); }

  void refresh(std::shared_ptr<const http::ServerSettings>& mine) override { mine = settings_; }
  [[nodiscard]] bool draining() const override { return draining_; }

  static constexpr std::size_t kMostConnections = 64;

 private:
  struct Listening;
  template <typename T>
  struct Later;
  using Pending = Later<Reply>;
  struct Open;
  async::Detached accept_from(Listening& listening);
  void accept_some(Listening& listening);
  [[nodiscard]] bool make_room();
  async::Detached serve(int fd, net::Address peer);
  Task<bool> shake_hands(Open& open);
  Task<Done> answer_one(http::Stream& stream, Open& open);
  Task<Done> decide(http::Request& request, Open& open, Pending& pending);

  async::Reactor& reactor_;
  AdminBackend& backend_;
  Router router_;
  std::shared_ptr<const http::ServerSettings> settings_;
  Listening* listening_ = nullptr;  // freed by its own coroutine
  std::list<Open*> open_;           // oldest first
  bool draining_ = false;
};

}  // namespace sallyport::admin
