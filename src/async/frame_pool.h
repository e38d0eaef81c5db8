// Memory for coroutine frames and other short-lived objects of known size classes. One pool per
// thread; memory freed on another thread simply joins that thread's pool. Under a sanitizer
// everything goes to the heap: a pool would hide the use of a dead frame from it.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace sallyport::async {

// Size classes of 64 bytes up to 4 KiB; larger requests go to the heap.
class FramePool {
 public:
  static void* allocate(std::size_t size) {
    if constexpr (!kPooled) return ::operator new(size);
    std::size_t index = (size + kStep - 1) / kStep;
    if (index < kClasses) {
      Lists& lists = lists_;
      if (Node* node = lists.heads[index]; node != nullptr) {
        lists.heads[index] = node->next;
        --lists.counts[index];
        return node;
      }
      return ::operator new(index * kStep);
    }
    return ::operator new(size);
  }

  static void release(void* memory, std::size_t size) noexcept {
    if constexpr (!kPooled) {
      ::operator delete(memory);
      return;
    }
    std::size_t index = (size + kStep - 1) / kStep;
    if (index < kClasses) {
      Lists& lists = lists_;
      if (!lists.closed && lists.counts[index] < kKeep) {
        lists.heads[index] = new (memory) Node{lists.heads[index]};
        ++lists.counts[index];
        return;
      }
    }
    ::operator delete(memory);
  }

 private:
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  static constexpr bool kPooled = false;
#else
  static constexpr bool kPooled = true;
#endif
#else
  static constexpr bool kPooled = true;
#endif
  struct Node {
    Node* next;
  };
  static constexpr std::size_t kStep = 64;
  static constexpr std::size_t kClasses = 65;
  static constexpr unsigned kKeep = 512;  // per class: bounds what a burst leaves behind
  struct Lists {
    std::array<Node*, kClasses> heads{};
    std::array<unsigned, kClasses> counts{};
    bool closed = false;
    ~Lists();
  };
  static thread_local Lists lists_;
};

}  // namespace sallyport::async
