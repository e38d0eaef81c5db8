// Bytes through a TLS session: OpenSSL's side of the BIO, records read and written, and what the
// socket does not take at once. The handshake is in tls_handshake.cc.
#include "async/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "async/openssl_handles.h"

namespace sallyport::async {
namespace {

constexpr std::size_t kRecord = 16384;  // the most plaintext one TLS record holds (RFC 8446 5.1)

constexpr std::size_t kMostUnreadReplies = 16384;

// What the sessions of this thread have encrypted since the last flush. Always empty between two
// calls of a session's functions, so one buffer serves them all.
std::vector<char>& outgoing() {
  static thread_local std::vector<char> buffer;
  return buffer;
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

// Between operations a session needs no BIO of its own: an established one shares its thread's,
// told by `enter` whom it works for.
BIO* TlsSession::idle_bio() {
  static thread_local const BioHandle shared = [] {
    BIO* bio = BIO_new(method());
    if (bio != nullptr) BIO_set_init(bio, 1);
    return BioHandle(bio);
  }();
  return shared.get();
}

void TlsSession::enter() {
  ERR_clear_error();  // SSL_get_error looks at the thread's error queue
  BIO* bio = SSL_get_rbio(ssl_);
  BIO_set_data(bio, this);
  BIO_clear_flags(bio, BIO_FLAGS_IN_EOF);
}

int TlsSession::bio_read(BIO* bio, char* data, int size) noexcept {
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

int TlsSession::bio_write(BIO* bio, const char* data, int size) noexcept {
  BIO_clear_retry_flags(bio);
  outgoing().insert(outgoing().end(), data, data + size);
  return size;
}

long TlsSession::bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/) noexcept {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

TlsSession::TlsSession(SSL_CTX* context, Socket& socket) : socket_(socket), context_(context) {
  SSL_CTX_up_ref(context);
}

TlsSession::~TlsSession() {
  if (ssl_ == nullptr) return;
  // Otherwise OpenSSL would look for the session in the context's cache, under a lock that all
  // threads share. Sessions live in tickets only.
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

const TlsSession::Extra& TlsSession::extra() const {
  static const Extra nothing;
  return extra_ != nullptr ? *extra_ : nothing;
}

TlsSession::Extra& TlsSession::make_extra() {
  if (extra_ == nullptr) extra_ = std::make_unique<Extra>();
  return *extra_;
}

void TlsSession::note_failure(int ssl_error) {
  std::string& failure = make_extra().failure;
  if (!failure.empty()) return;  // what follows the first failure is its consequence
  if (long verified = SSL_get_verify_result(ssl_);
      verified != X509_V_OK && !established_ && SSL_get_verify_mode(ssl_) != SSL_VERIFY_NONE) {
    failure =
        std::string("certificate verification failed: ") + X509_verify_cert_error_string(verified);
  } else if (unsigned long code = ERR_peek_last_error(); code != 0) {
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    failure = text.data();
  } else {
    failure = ssl_error == SSL_ERROR_SYSCALL ? "connection closed" : "TLS failure";
  }
}

bool TlsSession::read(std::span<std::byte> into, IoResult& result) {
  std::size_t total = 0;
  while (total < into.size()) {
    enter();
    std::size_t got = 0;
    int ok = SSL_read_ex(ssl_, into.data() + total, into.size() - total, &got);
    // A key update wants its answer, an error its alert.
    bool bearable = outgoing().empty() || flush_reply();
    if (!bearable) {
      make_extra().failure = "the peer asks for more answers than it reads";
      result = {-ECONNRESET};
      return true;
    }
    if (ok == 1) {
      total += got;
      // A full record makes another one likely; a short one makes a wasted call likely.
      if (got == kRecord) continue;
      break;
    }
    int error = SSL_get_error(ssl_, ok);
    bool failed = error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN;
    if (failed) note_failure(error);
    if (total > 0) break;  // the next call meets the same condition again
    if (error == SSL_ERROR_WANT_READ) return false;
    if (error == SSL_ERROR_ZERO_RETURN) {
      result = {0};
      return true;
    }
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
    enter();
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
  bool waiting = extra_ != nullptr && !extra_->pending.empty();
  if (waiting) {  // order: what waited goes first
    std::vector<char>& pending = extra_->pending;
    pending.insert(pending.end(), fresh.begin(), fresh.end());
    fresh.clear();
  }
  const std::vector<char>& bytes = waiting ? extra_->pending : fresh;
  std::size_t done = waiting ? extra_->pending_sent : 0;
  result = {1};
  while (done < bytes.size()) {
    iovec rest{.iov_base = const_cast<char*>(bytes.data()) + done, .iov_len = bytes.size() - done};
    IoResult sent = socket_.try_send({&rest, 1});
    if (sent.value == -EAGAIN) {
      keep_unsent(done);
      return false;
    }
    if (!sent.ok()) {
      if (waiting) keep_unsent(done);  // so that a send that waits for it fails, too
      fresh.clear();
      result = sent;
      return true;
    }
    done += sent.size();
  }
  fresh.clear();
  if (waiting) drop_pending();
  return true;
}

// Sends what reading has written. False: the peer does not read its answers and too many wait.
bool TlsSession::flush_reply() {
  const std::size_t size = outgoing().size();
  IoResult flushed;
  if (flush(flushed)) return true;
  extra_->unread_replies += size;
  return extra_->unread_replies <= kMostUnreadReplies;
}

std::size_t TlsSession::unsent() const {
  return outgoing().size() + extra().pending.size() - extra().pending_sent;
}

void TlsSession::keep_unsent(std::size_t done) {
  Extra& extra = make_extra();
  if (extra.pending.empty()) {
    std::vector<char>& fresh = outgoing();
    extra.pending.assign(fresh.begin() + static_cast<std::ptrdiff_t>(done), fresh.end());
    fresh.clear();
    done = 0;
  }
  extra.pending_sent = done;
}

void TlsSession::drop_pending() {
  extra_->pending = {};
  extra_->pending_sent = 0;
  extra_->unread_replies = 0;
  if (extra_->failure.empty() && extra_->peer.fingerprint.empty()) extra_.reset();
}

void TlsSession::close_notify() {
  // Only after a complete handshake, and never after a fatal error: OpenSSL forbids it.
  if (ssl_ == nullptr || SSL_is_init_finished(ssl_) == 0 || !failure().empty()) return;
  enter();
  SSL_shutdown(ssl_);
}

}  // namespace sallyport::async
