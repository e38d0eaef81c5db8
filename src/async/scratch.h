// One large buffer per thread that every socket of the thread reads into, so that the bytes are
// hot in the cache and an idle connection holds no memory.
//
// Whoever has unread bytes in it is its holder. When somebody else needs the buffer, the holder is
// asked to move its bytes out first: bytes in the scratch are safe without being copied as long
// as nobody else reads.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace sallyport::async {

class ScratchHolder {
 public:
  // Copy whatever you still need out of the scratch, now.
  virtual void evict() = 0;
  // The bytes needed, wherever they are.
  [[nodiscard]] virtual std::span<const std::byte> held() const = 0;

 protected:
  ~ScratchHolder() = default;
};

class Scratch {
 public:
  static constexpr std::size_t kSize = std::size_t{128} * 1024;

  // The whole buffer for `holder`; the previous holder's bytes are moved out first.
  [[nodiscard]] std::span<std::byte> acquire(ScratchHolder* holder) {
    if (holder_ != nullptr && holder_ != holder) {
      ScratchHolder* previous = holder_;
      holder_ = nullptr;
      previous->evict();
    }
    holder_ = holder;
    return bytes_;
  }
  void release(const ScratchHolder* holder) {
    if (holder_ == holder) holder_ = nullptr;
  }
  // Where a byte the holder still needs will stay when others use the scratch: moves the holder's
  // bytes out. Null if the holder does not hold that byte.
  [[nodiscard]] const std::byte* relocate(const std::byte* p) {
    if (holder_ == nullptr) return nullptr;
    std::span<const std::byte> before = holder_->held();
    if (p < before.data() || p >= before.data() + before.size()) return nullptr;
    ScratchHolder* holder = holder_;
    holder_ = nullptr;
    holder->evict();
    return holder->held().data() + (p - before.data());
  }
  [[nodiscard]] bool contains(const void* p) const {
    const auto* b = static_cast<const std::byte*>(p);
    return b >= bytes_.data() && b < bytes_.data() + kSize;
  }

  // Where `bytes` will stay when others use the scratch: as they are if they lie elsewhere, with
  // their holder if he keeps them, else copied by `copy(bytes)`.
  template <typename Copy>
  [[nodiscard]] std::span<const std::byte> pin(std::span<const std::byte> bytes, Copy copy) {
    if (bytes.empty() || !contains(bytes.data())) return bytes;
    if (const std::byte* moved = relocate(bytes.data())) return {moved, bytes.size()};
    return copy(bytes);
  }

  // The scratch of this thread.
  [[nodiscard]] static Scratch& here();

 private:
  ScratchHolder* holder_ = nullptr;
  alignas(64) std::array<std::byte, kSize> bytes_;
};

}  // namespace sallyport::async
