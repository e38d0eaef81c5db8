// The reading side of a Stream: unread bytes, kept in the thread's Scratch while nobody else needs
// it and on the heap otherwise. An idle connection holds no memory here.
//
// Views returned by `unread` are valid until the next `fill` or `consume` of this Input, and, since
// another connection may take the scratch, no longer than the coroutine that got them runs without
// suspending (Stream::send takes care of its own pieces).
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "async/scratch.h"
#include "async/stream.h"

namespace sallyport::async {

class Input final : public ScratchHolder {
 public:
  explicit Input(Stream& stream) : stream_(stream) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() { Scratch::here().release(this); }

  [[nodiscard]] std::span<const std::byte> unread() const { return {data_, size_}; }
  [[nodiscard]] std::string_view unread_text() const {
    return {reinterpret_cast<const char*>(data_), size_};
  }
  [[nodiscard]] std::span<const std::byte> unread_behind(std::size_t count) const {
    return unread().subspan(count);
  }
  void consume(std::size_t count) {
    data_ += count;
    size_ -= count;
    if (size_ == 0) drop();
  }

  // co_await: reads once, behind what is unread. The result counts the new bytes; 0: end of the
  // stream. -ENOBUFS: `most` unread bytes are there already.
  class Fill;
  [[nodiscard]] Fill fill(std::size_t most = Scratch::kSize);

  // How much one fill may read; lowered for peers whose counterpart reads slowly.
  void set_window(std::size_t bytes) { window_ = bytes; }
  [[nodiscard]] std::size_t window() const { return window_; }

  void evict() override;
  [[nodiscard]] std::span<const std::byte> held() const override { return unread(); }

 private:
  [[nodiscard]] std::span<std::byte> prepare(std::size_t most);
  void drop() {
    heap_.reset();
    Scratch::here().release(this);
  }

  Stream& stream_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t window_ = Scratch::kSize;
  std::unique_ptr<std::byte[]> heap_;  // NOLINT(*-avoid-c-arrays): evicted bytes
};

class Input::Fill : public Operation {
 public:
  Fill(Input& input, std::size_t most) : Operation(&Fill::look), input_(input), most_(most) {
    on_any_event_ = input.stream_.tls() != nullptr;
  }
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    input_.stream_.socket().wait_read(*this, waiter);
  }
  IoResult await_resume() const { return result_; }

 private:
  static bool look(Operation& operation);
  Input& input_;
  std::size_t most_;
};

inline Input::Fill Input::fill(std::size_t most) { return {*this, most}; }

}  // namespace sallyport::async
