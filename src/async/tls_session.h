// One TLS connection over a Socket: OpenSSL with a BIO of our own, which knows from the reactor
// when the socket is drained and collects what is to be sent into one system call.
//
// Used by Stream only. Not thread-safe.
#pragma once

#include <openssl/ssl.h>
#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/socket.h"

namespace sallyport::async {

class TlsSession {
 public:
  // `server_name`: as a client, the name sent (SNI) and the certificate must be for; an IP address
  // is checked as such. Empty: act as server. Null on failure (out of memory).
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
  // Sends close_notify with the next flush.
  void close_notify();

  [[nodiscard]] bool has_pending() const { return SSL_has_pending(ssl_) != 0; }
  [[nodiscard]] SSL* ssl() const { return ssl_; }
  // Of a failed handshake or read, for the log.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  // Of the peer's certificate; empty without one. Known after the handshake.
  [[nodiscard]] const std::string& peer_subject() const { return peer_subject_; }
  [[nodiscard]] const std::string& peer_fingerprint() const { return peer_fingerprint_; }

 private:
  explicit TlsSession(Socket& socket) : socket_(socket) {}
  static BIO_METHOD* method();
  static int bio_read(BIO* bio, char* data, int size);
  static int bio_write(BIO* bio, const char* data, int size);
  static long bio_control(BIO* bio, int command, long number, void* pointer);
  void note_failure(int ssl_error);
  void read_peer_certificate();

  Socket& socket_;
  SSL* ssl_ = nullptr;
  std::vector<char> pending_;  // encrypted, not yet taken by the socket
  std::size_t pending_sent_ = 0;
  std::string failure_;
  std::string peer_subject_;
  std::string peer_fingerprint_;
};

}  // namespace sallyport::async
