#include "async/input.h"

#include <algorithm>
#include <cerrno>

namespace sallyport::async {

void Input::evict() {
  if (size_ == 0) return;
  auto heap = std::make_unique_for_overwrite<std::byte[]>(size_);  // NOLINT(*-avoid-c-arrays)
  std::memcpy(heap.get(), data_, size_);
  heap_ = std::move(heap);
  data_ = heap_.get();
}

// Room behind the unread bytes, which are at the front of the scratch afterwards.
std::span<std::byte> Input::prepare(std::size_t most) {
  std::span<std::byte> all = Scratch::here().acquire(this);
  if (size_ != 0 && data_ != all.data()) {
    std::memmove(all.data(), data_, size_);
    heap_.reset();
  }
  data_ = all.data();
  std::size_t end = std::min({most, all.size(), size_ + window_});
  return all.subspan(size_, end - size_);
}

bool Input::Fill::look(Operation& operation) {
  auto& self = static_cast<Fill&>(operation);
  Input& input = self.input_;
  Socket& socket = input.stream_.socket();
  TlsSession* tls = input.stream_.tls();
  if (socket.error() != 0) {
    self.result_ = {-socket.error()};
    return true;
  }
  // Taking the scratch moves others out of it: only when there is something to read.
  if (!socket.readable() && (tls == nullptr || !tls->has_pending())) return false;
  if (input.size_ >= std::min(self.most_, Scratch::kSize)) {
    self.result_ = {-ENOBUFS};
    return true;
  }
  std::span<std::byte> room = input.prepare(self.most_);
  bool complete = true;
  if (tls != nullptr) {
    complete = tls->read(room, self.result_);
  } else {
    self.result_ = socket.try_recv(room);
    complete = self.result_.value != -EAGAIN;
  }
  if (complete && self.result_.value > 0) {
    input.size_ += self.result_.size();
  } else if (input.size_ == 0) {
    input.drop();
  }
  return complete;
}

}  // namespace sallyport::async
