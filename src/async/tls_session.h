// One TLS connection over a Socket: OpenSSL with a BIO of our own, which knows from the reactor
// when the socket is drained and collects what is to be sent into one system call.
//
// Used by Stream only, from the thread of the socket's reactor. An idle session holds little more
// than OpenSSL's own state: what few need lies in `Extra`.
#pragma once

#include <openssl/ssl.h>
#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/openssl_handles.h"
#include "async/peer_certificate.h"
#include "async/socket.h"

namespace sallyport::async {

class TlsSession {
 public:
  // `server_name`: as a client, the name sent (SNI) and the certificate must be for; an IP address
  // is checked as such. Empty: act as server, and hold next to nothing until the client has sent
  // something. Null on failure (out of memory).
  static std::unique_ptr<TlsSession> create(SSL_CTX* context, Socket& socket,
                                            const std::string& server_name);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Each returns true when it is complete, with `result` filled.
  [[nodiscard]] bool handshake(IoResult& result);
  [[nodiscard]] bool read(std::span<std::byte> into, IoResult& result);
  // Encrypts everything at once; afterwards `flush` must be called until it is complete.
  [[nodiscard]] bool encrypt(std::span<const iovec> from);
  [[nodiscard]] bool flush(IoResult& result);
  // Encrypted bytes that `flush` has not sent yet.
  [[nodiscard]] std::size_t unsent() const;
  // Sends close_notify with the next flush.
  void close_notify();

  [[nodiscard]] bool has_pending() const { return ssl_ != nullptr && SSL_has_pending(ssl_) != 0; }
  // Not null once a handshake has succeeded.
  [[nodiscard]] SSL* ssl() const { return ssl_; }
  // Of a failed handshake or read, for the log.
  [[nodiscard]] const std::string& failure() const { return extra().failure; }
  // What the client has shown; empty without a certificate, and as a client. Known after the
  // handshake.
  [[nodiscard]] const PeerCertificate& peer() const { return extra().peer; }

 private:
  struct Extra {
    std::vector<char> pending;  // encrypted, not yet taken by the socket
    std::size_t pending_sent = 0;
    std::size_t unread_replies = 0;  // bytes of `pending` that reading has caused
    std::string failure;
    PeerCertificate peer;
  };

  TlsSession(SSL_CTX* context, Socket& socket);
  static BIO_METHOD* method();
  static BIO* idle_bio();
  static int bio_read(BIO* bio, char* data, int size) noexcept;
  static int bio_write(BIO* bio, const char* data, int size) noexcept;
  static long bio_control(BIO* bio, int command, long number, void* pointer) noexcept;
  [[nodiscard]] bool make_ssl();
  void enter();
  bool flush_reply();
  void keep_unsent(std::size_t done);
  void drop_pending();
  void finish_handshake();
  void forget_ephemeral_keys();
  void note_failure(int ssl_error);
  void read_peer_certificate();
  [[nodiscard]] const Extra& extra() const;
  Extra& make_extra();

  Socket& socket_;
  ContextHandle context_;  // until there is an `ssl_`, which has its own reference
  SSL* ssl_ = nullptr;
  std::unique_ptr<Extra> extra_;  // null: nothing of it is set
  bool established_ = false;
};

}  // namespace sallyport::async
