// A connection to the admin listener while it lasts. For admin_server*.cc only.
#pragma once

#include <coroutine>
#include <expected>
#include <list>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "admin/admin_server.h"
#include "async/tls_context.h"
#include "config/snapshot.h"
#include "http/address.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::admin {

// Something that is known later. Shared with the callback that settles it, which may come when
// nobody waits any more.
template <typename T>
struct AdminServer::Later {
  std::optional<T> value;
  std::coroutine_handle<> waiter;
  async::Reactor* reactor = nullptr;

  void settle(T with) {
    if (value) return;
    value = std::move(with);
    if (waiter) reactor->schedule(waiter);
  }
  [[nodiscard]] bool await_ready() const { return value.has_value(); }
  void await_suspend(std::coroutine_handle<> handle) { waiter = handle; }
  void await_resume() const {}
  // A secret that somebody is shown stays nowhere else.
  ~Later() {
    if constexpr (std::is_same_v<T, Reply>) {
      if (value && value->secret) store::cleanse(value->body);
    }
  }
};

// A connection in the list of open ones.
struct AdminServer::Open {
  Open(AdminServer& owner, int fd, const net::Address& from)
      : server(owner),
        local(net::Address::local_of(fd)),
        peer(from),
        connection(owner.reactor_, fd, owner) {
    place = server.open_.insert(server.open_.end(), this);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  ~Open() { server.open_.erase(place); }

  // The certificate that the client has shown; null: none.
  [[nodiscard]] const async::PeerCertificate* certificate() {
    const async::TlsSession* session = connection.io().tls();
    if (session == nullptr || session->peer().fingerprint.empty()) return nullptr;
    return &session->peer();
  }
  // What the client has shown was verified as the configuration in force would not any more.
  [[nodiscard]] bool outdated() {
    return certificate() != nullptr && tls != server.backend_.settings()->tls;
  }

  AdminServer& server;
  net::Address local;
  net::Address peer;
  http::Connection connection;
  std::shared_ptr<const async::TlsServerContext> tls;  // null: without TLS
  bool shaking_hands = false;
  bool admitted = false;  // a request of somebody who may ask it is being answered
  std::shared_ptr<Later<std::expected<Router::Admitted, Reply>>> admitting;
  std::shared_ptr<Pending> pending;
  std::list<Open*>::iterator place;
};

}  // namespace sallyport::admin
