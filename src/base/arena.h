// A bump allocator for everything that lives as long as one exchange.
//
// Not thread-safe. Nothing is freed before the arena is reset or destroyed, and no destructors
// run: put only trivially destructible things in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sallyport {

class Arena {
 public:
  // `first` is the block used before any heap block; it must outlive the arena.
  explicit Arena(std::span<std::byte> first) : begin_(first.data()), end_(begin_ + first.size()) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    while (blocks_ != nullptr) ::operator delete(std::exchange(blocks_, blocks_->next));
  }

  // `size` bytes aligned to 8. Never null: exhaustion of memory is std::bad_alloc.
  [[nodiscard]] void* allocate(std::size_t size) {
    size = (size + 7) & ~std::size_t{7};
    if (size > static_cast<std::size_t>(end_ - begin_)) grow(size);
    void* p = begin_;
    begin_ += size;
    return p;
  }

  // Uninitialised storage for `count` trivially destructible objects.
  template <typename T>
  [[nodiscard]] T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
    return static_cast<T*>(allocate(count * sizeof(T)));
  }

  [[nodiscard]] char* chars(std::size_t count) { return static_cast<char*>(allocate(count)); }

  [[nodiscard]] std::span<const std::byte> copy(std::span<const std::byte> bytes) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return std::as_bytes(std::span(copy(text)));
  }
  // A copy that lives as long as the arena.
  [[nodiscard]] std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* p = chars(text.size());
    std::memcpy(p, text.data(), text.size());
    return {p, text.size()};
  }

 private:
  struct Block {
    Block* next;
    std::size_t size;
  };
  void grow(std::size_t size) {
    std::size_t block = size + sizeof(Block) > kBlock ? size + sizeof(Block) : kBlock;
    auto* b = static_cast<Block*>(::operator new(block));
    *b = {.next = blocks_, .size = block};
    blocks_ = b;
    begin_ = reinterpret_cast<std::byte*>(b + 1);  // the bytes behind the block's own head
    end_ = reinterpret_cast<std::byte*>(b) + block;
  }

  static constexpr std::size_t kBlock = 8192;
  std::byte* begin_;
  std::byte* end_;
  Block* blocks_ = nullptr;
};

}  // namespace sallyport
