// A TLS session from its first flight to an established one: whom it must reach, who the peer is,
// and what can be let go once that is known.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>

#include "async/tls_session.h"

namespace sallyport::async {
namespace {

bool is_ip_address(const std::string& name) {
  ASN1_OCTET_STRING* parsed = a2i_IPADDRESS(name.c_str());
  ASN1_OCTET_STRING_free(parsed);
  return parsed != nullptr;
}

}  // namespace

std::unique_ptr<TlsSession> TlsSession::create(SSL_CTX* context, Socket& socket,
                                               const std::string& server_name) {
  std::unique_ptr<TlsSession> session(new TlsSession(context, socket));
  if (server_name.empty()) return session;
  if (!session->make_ssl()) return nullptr;
  SSL_set_connect_state(session->ssl_);
  // RFC 9525: names come from subjectAltName alone, and "*" stands for a whole label.
  SSL_set_hostflags(session->ssl_,
                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  int named = 0;
  if (is_ip_address(server_name)) {
    named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session->ssl_), server_name.c_str());
  } else {
    named = static_cast<int>(SSL_set_tlsext_host_name(session->ssl_, server_name.c_str()) == 1 &&
                             SSL_set1_host(session->ssl_, server_name.c_str()) == 1);
  }
  return named == 1 ? std::move(session) : nullptr;
}

bool TlsSession::make_ssl() {
  ssl_ = SSL_new(context_.get());
  BIO* bio = ssl_ != nullptr ? BIO_new(method()) : nullptr;
  if (bio == nullptr) return false;
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  context_.reset();
  return true;
}

void TlsSession::read_peer_certificate() {
  X509* certificate = SSL_is_server(ssl_) != 0 ? SSL_get0_peer_certificate(ssl_) : nullptr;
  if (certificate != nullptr) make_extra().peer = describe(certificate);
}

// OpenSSL keeps the keys of the exchange as long as the connection. They have done their work:
// wiping them makes forward secrecy begin now, and frees 0.4 KiB.
void TlsSession::forget_ephemeral_keys() {
  auto forget = [](EVP_PKEY* key) {
    EVP_PKEY_set_type(key, EVP_PKEY_get_id(key));  // destroys the key inside, not the object
    EVP_PKEY_free(key);
  };
  EVP_PKEY* key = nullptr;
  if (SSL_get_tmp_key(ssl_, static_cast<void*>(&key)) == 1) forget(key);
  key = nullptr;
  if (SSL_get_peer_tmp_key(ssl_, static_cast<void*>(&key)) == 1) forget(key);
  ERR_clear_error();
}

void TlsSession::finish_handshake() {
  established_ = true;
  read_peer_certificate();
  forget_ephemeral_keys();
  if (BIO* shared = idle_bio(); shared != nullptr) {
    BIO_up_ref(shared);
    SSL_set_bio(ssl_, shared, shared);  // frees its own
  }
  if (SSL_is_server(ssl_) == 1 && SSL_version(ssl_) >= TLS1_3_VERSION &&
      SSL_get_num_tickets(ssl_) == 0) {
    // Without a ticket nothing carries the ACK of the client's Finished, and a client that waits
    // for it before its first request (Nagle) would wait for our delayed ACK.
    int on = 1;
    setsockopt(socket_.fd(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }
}

bool TlsSession::handshake(IoResult& result) {
  if (ssl_ == nullptr) {
    // Whoever connects and says nothing costs a socket, not 40 KiB of handshake.
    if (socket_.error() == 0 && !socket_.readable()) return false;
    if (!make_ssl()) {
      make_extra().failure = "out of memory";
      result = {-ENOMEM};
      return true;
    }
    SSL_set_accept_state(ssl_);
  }
  enter();
  int done = SSL_do_handshake(ssl_);
  int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, done);
  if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ) note_failure(error);
  if (error == SSL_ERROR_NONE && !established_) finish_handshake();
  IoResult flushed;
  bool sent = flush(flushed);  // alerts too
  if (error == SSL_ERROR_NONE || error == SSL_ERROR_WANT_READ) {
    if (sent && !flushed.ok()) {
      result = flushed;
      return true;
    }
    // Our last flight must be out before the handshake counts as done: the peer may wait for it.
    result = {1};
    return sent && error == SSL_ERROR_NONE;
  }
  result = {-(socket_.error() != 0 ? socket_.error() : EPROTO)};
  return true;
}

}  // namespace sallyport::async
