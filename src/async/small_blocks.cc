#include "async/small_blocks.h"

#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>

namespace sallyport::async::small_blocks {
namespace {

constexpr std::size_t kAddresses = std::size_t{16} << 30;
constexpr std::size_t kSlab = 65'536;        // blocks of one class only
constexpr std::size_t kGrowth = 16 * kSlab;  // made usable at once
constexpr std::size_t kRun = 4096;           // bytes a thread takes from a slab at once
constexpr std::size_t kFine = 512;           // classes are 8 bytes apart up to here, then 16
constexpr std::size_t kClasses = kFine / 8 + (kLargest - kFine) / 16 + 1;
constexpr unsigned kKept = 256;  // free blocks of a class that a thread keeps
constexpr unsigned kMoved = 64;  // blocks that change hands at once

constexpr std::size_t class_of(std::size_t size) {
  // A free block holds two words.
  return size <= kFine ? std::max<std::size_t>((size + 7) / 8, 2)
                       : kFine / 8 + (size - kFine + 15) / 16;
}
constexpr std::size_t block_size(std::size_t index) {
  return index <= kFine / 8 ? index * 8 : kFine + (index - kFine / 8) * 16;
}
static_assert(class_of(kLargest) == kClasses - 1 && block_size(kClasses - 1) == kLargest);

struct Node {
  std::uintptr_t next;  // disguised, so that a stray write cannot choose the next block
  std::uintptr_t mark;  // tells a free block from one in use
};

constinit std::atomic<std::uintptr_t> base_address = 0;
constinit std::uintptr_t secret = 0;  // written once, before base_address

std::uintptr_t mark_of(const Node* node) {
  return secret ^ (reinterpret_cast<std::uintptr_t>(node) * 0x9E3779B97F4A7C15U);
}

void push(Node*& head, void* block) {
  auto* node = static_cast<Node*>(block);
  node->mark = mark_of(node);
  node->next = reinterpret_cast<std::uintptr_t>(head) ^ node->mark;
  head = node;
}

void* pop(Node*& head) {
  Node* node = head;
  const std::uintptr_t mark = mark_of(node);
  auto* next = reinterpret_cast<Node*>(node->next ^ mark);  // NOLINT(performance-no-int-to-ptr)
  if (node->mark != mark || (next != nullptr && !owns(next))) std::abort();
  node->mark = 0;
  head = next;
  return node;
}

struct Range {
  std::byte* at;
  std::byte* end;

  [[nodiscard]] bool holds(std::size_t size) const {
    return static_cast<std::size_t>(end - at) >= size;
  }
  void* cut(std::size_t size) {
    std::byte* block = at;
    at += size;
    return block;
  }
};

// What all threads share. Lives until the process ends.
class Depot {
 public:
  Depot() {
    void* got =
        mmap(nullptr, kAddresses, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) return;
    if (getrandom(&secret, sizeof secret, 0) != sizeof secret) return;
    madvise(got, kAddresses, MADV_DONTDUMP);  // keys have no place in a core file
    madvise(got, kAddresses, MADV_NOHUGEPAGE);
    base_ = static_cast<std::byte*>(got);
    base_address.store(reinterpret_cast<std::uintptr_t>(got), std::memory_order_release);
  }

  // Gives free blocks to `head`, and their number, or else fresh memory to `fresh`.
  unsigned supply(std::size_t index, Node*& head, Range& fresh) {
    std::scoped_lock lock(mutex_);
    Node*& free = free_.at(index);
    unsigned moved = 0;
    for (; free != nullptr && moved < kMoved; ++moved) push(head, pop(free));
    if (moved > 0) return moved;
    const std::size_t size = block_size(index);
    Range& slab = slabs_.at(index);
    if (!slab.holds(size) && !new_slab(index, slab)) return 0;
    auto left = static_cast<std::size_t>(slab.end - slab.at);
    std::size_t run = std::min(std::max(kRun, size), left) / size * size;
    fresh = {.at = slab.at, .end = slab.at + run};
    slab.at += run;
    return 0;
  }

  void accept(std::size_t index, Node*& head, unsigned count) {
    std::scoped_lock lock(mutex_);
    for (unsigned i = 0; i < count; ++i) push(free_.at(index), pop(head));
  }

  [[nodiscard]] std::size_t class_at(const void* block) const {
    auto offset = static_cast<const std::byte*>(block) - base_;
    return class_of_slab_[static_cast<std::size_t>(offset) / kSlab].load(std::memory_order_relaxed);
  }

 private:
  bool new_slab(std::size_t index, Range& slab) {
    if (used_ == usable_) {
      if (base_ == nullptr || usable_ + kGrowth > kAddresses ||
          mprotect(base_ + usable_, kGrowth, PROT_READ | PROT_WRITE) != 0) {
        return false;
      }
      usable_ += kGrowth;
    }
    class_of_slab_[used_ / kSlab].store(static_cast<std::uint8_t>(index),
                                        std::memory_order_relaxed);
    slab = {.at = base_ + used_, .end = base_ + used_ + kSlab};
    used_ += kSlab;
    return true;
  }

  std::mutex mutex_;
  std::byte* base_ = nullptr;
  std::size_t used_ = 0;
  std::size_t usable_ = 0;
  std::array<Node*, kClasses> free_{};
  std::array<Range, kClasses> slabs_{};
  std::array<std::atomic<std::uint8_t>, kAddresses / kSlab> class_of_slab_{};
};
static_assert(kClasses <= UINT8_MAX);

Depot& depot() {
  static auto* const the = new Depot;  // never destroyed: blocks are freed until the very end
  return *the;
}

// This thread's free blocks. Trivially destructible, so that it is still there for what is freed
// after Emptying has run.
struct Local {
  std::array<Node*, kClasses> free;
  std::array<unsigned, kClasses> counts;
  std::array<Range, kClasses> fresh;
  bool begun;
  bool closed;
};
constinit thread_local Local local = {};

struct Emptying {
  ~Emptying() {
    local.closed = true;
    for (std::size_t i = 0; i < kClasses; ++i) {
      for (Range& fresh = local.fresh.at(i); fresh.holds(block_size(i)) && fresh.at != nullptr;) {
        push(local.free.at(i), fresh.cut(block_size(i)));
        ++local.counts.at(i);
      }
      depot().accept(i, local.free.at(i), local.counts.at(i));
      local.counts.at(i) = 0;
    }
  }
};

void begin_thread() {
  static thread_local const Emptying emptying;
  (void)emptying;
  local.begun = true;
}

}  // namespace

void* allocate(std::size_t size) noexcept {
  if (size == 0 || size > kLargest) return nullptr;
  const std::size_t index = class_of(size);
  Node*& free = local.free[index];
  Range& fresh = local.fresh[index];
  if (free == nullptr && !fresh.holds(block_size(index))) {
    if (!local.begun) begin_thread();
    local.counts[index] += depot().supply(index, free, fresh);
  }
  if (free != nullptr) {
    --local.counts[index];
    return pop(free);
  }
  return fresh.holds(block_size(index)) ? fresh.cut(block_size(index)) : nullptr;
}

void release(void* block) noexcept {
  if (static_cast<Node*>(block)->mark == mark_of(static_cast<Node*>(block))) std::abort();
  if (!local.begun) begin_thread();
  const std::size_t index = depot().class_at(block);
  push(local.free[index], block);
  if (unsigned& count = local.counts[index]; ++count > kKept || local.closed) {
    const unsigned moved = local.closed ? count : kMoved;
    depot().accept(index, local.free[index], moved);
    count -= moved;
  }
}

bool owns(const void* memory) noexcept {
  const std::uintptr_t base = base_address.load(std::memory_order_relaxed);
  return base != 0 && reinterpret_cast<std::uintptr_t>(memory) - base < kAddresses;
}

std::size_t size_of(const void* block) noexcept { return block_size(depot().class_at(block)); }

}  // namespace sallyport::async::small_blocks
