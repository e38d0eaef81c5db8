#include "async/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "async/frame_pool.h"

namespace sallyport::async {
namespace {

constexpr std::size_t kRecord = 16384;  // the most plaintext one TLS record holds (RFC 8446 5.1)

// What the sessions of this thread have encrypted since the last flush. Always empty between two
// calls of a session's functions, so one buffer serves them all.
std::vector<char>& outgoing() {
  static thread_local std::vector<char> buffer;
  return buffer;
}

bool is_ip_address(const std::string& name) {
  ASN1_OCTET_STRING* parsed = a2i_IPADDRESS(name.c_str());
  ASN1_OCTET_STRING_free(parsed);
  return parsed != nullptr;
}

}  // namespace

BIO_METHOD* TlsSession::method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_read(m, &TlsSession::bio_read);
    BIO_meth_set_write(m, &TlsSession::bio_write);
    BIO_meth_set_ctrl(m, &TlsSession::bio_control);
    return m;
  }();
  return made;
}

int TlsSession::bio_read(BIO* bio, char* data, int size) {
  auto* self = static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  IoResult got =
      self->socket_.try_recv({reinterpret_cast<std::byte*>(data), static_cast<std::size_t>(size)});
  if (got.value == -EAGAIN) {
    BIO_set_retry_read(bio);
    return -1;
  }
  if (got.end()) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return got.ok() ? static_cast<int>(got.value) : -1;
}

int TlsSession::bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  outgoing().insert(outgoing().end(), data, data + size);
  return size;
}

long TlsSession::bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

std::unique_ptr<TlsSession> TlsSession::create(SSL_CTX* context, Socket& socket,
                                               const std::string& server_name) {
  std::unique_ptr<TlsSession> session(new TlsSession(socket));
  session->ssl_ = SSL_new(context);
  BIO* bio = session->ssl_ != nullptr ? BIO_new(method()) : nullptr;
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, session.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(session->ssl_, bio, bio);
  if (server_name.empty()) {
    SSL_set_accept_state(session->ssl_);
    return session;
  }
  SSL_set_connect_state(session->ssl_);
  int named = 0;
  if (is_ip_address(server_name)) {
    named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session->ssl_), server_name.c_str());
  } else {
    named = static_cast<int>(SSL_set_tlsext_host_name(session->ssl_, server_name.c_str()) == 1 &&
                             SSL_set1_host(session->ssl_, server_name.c_str()) == 1);
  }
  return named == 1 ? std::move(session) : nullptr;
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

void TlsSession::note_failure(int ssl_error) {
  if (long verified = SSL_get_verify_result(ssl_); verified != X509_V_OK) {
    failure_ = std::string("certificate verification failed: ") +
               X509_verify_cert_error_string(verified);
  } else if (unsigned long code = ERR_peek_last_error(); code != 0) {
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    failure_ = text.data();
  } else {
    failure_ = ssl_error == SSL_ERROR_SYSCALL ? "connection closed" : "TLS failure";
  }
}

void TlsSession::read_peer_certificate() {
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1) {
    static constexpr char kHex[] = "0123456789abcdef";
    for (unsigned i = 0; i < size; ++i) {
      peer_fingerprint_ += kHex[digest.at(i) >> 4];
      peer_fingerprint_ += kHex[digest.at(i) & 15];
    }
  }
  BIO* text = BIO_new(BIO_s_mem());
  if (text == nullptr) return;
  X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  long length = BIO_get_mem_data(text, &data);
  if (length > 0) peer_subject_.assign(data, static_cast<std::size_t>(length));
  BIO_free(text);
}

bool TlsSession::handshake(IoResult& result) {
  ERR_clear_error();
  int done = SSL_do_handshake(ssl_);
  int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, done);
  if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ) note_failure(error);
  IoResult flushed;
  bool sent = flush(flushed);  // alerts too
  if (error == SSL_ERROR_WANT_READ) {
    if (sent && !flushed.ok()) {
      result = flushed;
      return true;
    }
    return false;
  }
  if (error != SSL_ERROR_NONE) {
    result = {-(socket_.error() != 0 ? socket_.error() : EPROTO)};
    return true;
  }
  // The handshake is over; what could not be sent yet goes out with the first answer.
  read_peer_certificate();
  result = {1};
  return true;
}

bool TlsSession::read(std::span<std::byte> into, IoResult& result) {
  std::size_t total = 0;
  while (total < into.size()) {
    ERR_clear_error();
    std::size_t got = 0;
    int ok = SSL_read_ex(ssl_, into.data() + total, into.size() - total, &got);
    if (ok == 1) {
      total += got;
      // A full record makes another one likely; a short one makes a wasted call likely.
      if (got == kRecord) continue;
      break;
    }
    int error = SSL_get_error(ssl_, ok);
    if (!outgoing().empty()) {  // a key update wants its answer
      IoResult flushed;
      (void)flush(flushed);
    }
    if (total > 0) break;  // the next call meets the same condition again
    if (error == SSL_ERROR_WANT_READ) return false;
    if (error == SSL_ERROR_ZERO_RETURN) {
      result = {0};
      return true;
    }
    note_failure(error);
    result = {-(socket_.error() != 0 ? socket_.error() : ECONNRESET)};
    return true;
  }
  result = {static_cast<std::int64_t>(total)};
  return true;
}

bool TlsSession::encrypt(std::span<const iovec> from) {
  // Pieces are gathered into whole records, so that a head and its body share one; what fills a
  // record by itself goes straight from where it lies.
  std::array<char, kRecord> staged;  // NOLINT(*-member-init): filled below
  std::size_t used = 0;
  auto write = [this](const char* data, std::size_t size) {
    ERR_clear_error();
    std::size_t written = 0;
    return SSL_write_ex(ssl_, data, size, &written) == 1;
  };
  for (const iovec& piece : from) {
    const auto* data = static_cast<const char*>(piece.iov_base);
    std::size_t size = piece.iov_len;
    while (size > 0) {
      std::size_t part = std::min(size, kRecord - used);
      if (part == kRecord) {
        if (!write(data, part)) return false;
      } else {
        std::memcpy(staged.data() + used, data, part);
        used += part;
        if (used == kRecord) {
          if (!write(staged.data(), used)) return false;
          used = 0;
        }
      }
      data += part;
      size -= part;
    }
  }
  return used == 0 || write(staged.data(), used);
}

bool TlsSession::flush(IoResult& result) {
  std::vector<char>& fresh = outgoing();
  if (!pending_.empty()) {  // order: what waited goes first
    pending_.insert(pending_.end(), fresh.begin(), fresh.end());
    fresh.clear();
    while (pending_sent_ < pending_.size()) {
      iovec rest{.iov_base = pending_.data() + pending_sent_,
                 .iov_len = pending_.size() - pending_sent_};
      IoResult sent = socket_.try_send({&rest, 1});
      if (sent.value == -EAGAIN) return false;
      if (!sent.ok()) {
        result = sent;
        return true;
      }
      pending_sent_ += sent.size();
      socket_.touch();
    }
    pending_ = {};
    pending_sent_ = 0;
    result = {1};
    return true;
  }
  std::size_t done = 0;
  while (done < fresh.size()) {
    iovec rest{.iov_base = fresh.data() + done, .iov_len = fresh.size() - done};
    IoResult sent = socket_.try_send({&rest, 1});
    if (sent.value == -EAGAIN) {
      pending_.assign(fresh.begin() + static_cast<std::ptrdiff_t>(done), fresh.end());
      fresh.clear();
      return false;
    }
    if (!sent.ok()) {
      fresh.clear();
      result = sent;
      return true;
    }
    done += sent.size();
  }
  fresh.clear();
  result = {1};
  return true;
}

void TlsSession::close_notify() {
  // Only after a complete handshake, and never after a fatal error: OpenSSL forbids it.
  if (SSL_is_init_finished(ssl_) == 0 || !failure_.empty()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

}  // namespace sallyport::async
