#include "async/stream.h"

#include <cerrno>

namespace sallyport::async {

Stream::Send::Send(Stream& stream, std::span<const iovec> pieces, bool last, TimerList* limit)
    : Operation(&Send::look), stream_(stream), limit_(limit), last_(last) {
  for (const iovec& piece : pieces) {
    if (piece.iov_len > 0) pieces_.at(count_++) = piece;
  }
}

bool Stream::Send::look(Operation& operation) {
  auto& self = static_cast<Send&>(operation);
  return self.stream_.tls_ != nullptr ? self.look_tls() : self.look_plain();
}

bool Stream::Send::look_plain() {
  while (next_ < count_) {
    IoResult sent = stream_.socket_.try_send({&pieces_.at(next_), std::size_t{count_} - next_});
    if (sent.value == -EAGAIN) return false;
    if (!sent.ok()) {
      result_ = sent;
      return true;
    }
    progressed();
    std::size_t left = sent.size();
    while (next_ < count_ && left >= pieces_.at(next_).iov_len) left -= pieces_.at(next_++).iov_len;
    if (next_ < count_) {
      iovec& part = pieces_.at(next_);
      part.iov_base = static_cast<char*>(part.iov_base) + left;
      part.iov_len -= left;
    }
  }
  result_ = {1};
  return true;
}

bool Stream::Send::look_tls() {
  TlsSession& tls = *stream_.tls_;
  if (!encrypted_) {
    encrypted_ = true;
    if (stream_.socket_.error() != 0) {
      result_ = {-stream_.socket_.error()};
      return true;
    }
    bool ok = tls.encrypt({pieces_.data(), count_});
    if (last_) tls.close_notify();
    if (!ok) {
      IoResult ignored;
      (void)tls.flush(ignored);
      result_ = {-EPROTO};
      return true;
    }
  }
  const std::size_t before = tls.unsent();
  bool complete = tls.flush(result_);
  if (tls.unsent() < before) progressed();
  return complete;
}

void Stream::Send::move_out_of_scratch() {
  if (stream_.tls_ != nullptr) return;  // the session keeps what it has encrypted
  Scratch& scratch = Scratch::here();
  for (std::size_t i = next_; i < count_; ++i) {
    iovec& piece = pieces_.at(i);
    if (!scratch.contains(piece.iov_base)) continue;
    // The reader that holds these bytes keeps them until we are done: one copy serves both.
    if (const std::byte* moved = scratch.relocate(static_cast<std::byte*>(piece.iov_base))) {
      piece.iov_base = const_cast<std::byte*>(moved);
    }
  }
  std::size_t size = 0;
  for (std::size_t i = next_; i < count_; ++i) {
    if (scratch.contains(pieces_.at(i).iov_base)) size += pieces_.at(i).iov_len;
  }
  if (size == 0) return;
  moved_ = std::make_unique_for_overwrite<std::byte[]>(size);  // NOLINT(*-avoid-c-arrays)
  std::byte* to = moved_.get();
  for (std::size_t i = next_; i < count_; ++i) {
    iovec& piece = pieces_.at(i);
    if (!scratch.contains(piece.iov_base)) continue;
    std::memcpy(to, piece.iov_base, piece.iov_len);
    piece.iov_base = to;
    to += piece.iov_len;
  }
}

}  // namespace sallyport::async
