#include "async/tls_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "async/small_blocks.h"

namespace sallyport::async {
namespace {

// The sizes of what OpenSSL 3 allocates for a handshake or a record: buffers of 4 KiB, records and
// messages of 16 to 22 KiB. Nothing that lives as long as a connection has such a size; the
// largest of those, the SSL object, has 7.5 KiB.
struct Class {
  std::size_t least;
  std::size_t block;
};
constexpr std::array<Class, 2> kClasses = {{{4000, 4096}, {12'289, 24'576}}};
constexpr std::size_t kAddresses = std::size_t{16} << 30;      // of each class
constexpr std::size_t kGrowth = std::size_t{6} * 1024 * 1024;  // made usable at once
constexpr std::size_t kKept = 32;  // free blocks of each class that a thread keeps warm

// Blocks of one class, in address space of its own. Free ones that no thread keeps have no pages.
class Pool {
 public:
  void begin(std::byte* base, std::size_t block) {
    base_ = base;
    block_ = block;
  }
  [[nodiscard]] std::size_t block() const { return block_; }
  // Null when there is no more.
  void* take() {
    std::scoped_lock lock(mutex_);
    if (cold_.empty() && !grow()) return nullptr;
    void* memory = cold_.back();
    cold_.pop_back();
    return memory;
  }
  void give(void* memory) {
    madvise(memory, block_, MADV_DONTNEED);
    std::scoped_lock lock(mutex_);
    cold_.push_back(memory);  // never allocates: `grow` has made room
  }

 private:
  bool grow() {
    if (usable_ + kGrowth > kAddresses) return false;
    std::byte* from = base_ + usable_;
    if (mprotect(from, kGrowth, PROT_READ | PROT_WRITE) != 0) return false;
    usable_ += kGrowth;
    cold_.reserve(usable_ / block_);
    for (std::size_t at = kGrowth; at >= block_; at -= block_) cold_.push_back(from + at - block_);
    return true;
  }

  std::mutex mutex_;
  std::byte* base_ = nullptr;
  std::size_t block_ = 0;
  std::size_t usable_ = 0;
  std::vector<void*> cold_;
};
static_assert(kGrowth % kClasses[0].block == 0 && kGrowth % kClasses[1].block == 0);

// Where the pools are; 0 before the first use and when there is no address space. Apart from Region
// because every call of OpenSSL's looks at it.
constinit std::atomic<std::uintptr_t> base_address = 0;

// Lives until the process ends: OpenSSL frees memory in its last moments.
struct Region {
  std::array<Pool, kClasses.size()> pools;

  Region() {
    const std::size_t size = kAddresses * kClasses.size();
    void* got = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) return;
    madvise(got, size, MADV_DONTDUMP);    // plaintext has no place in a core file
    madvise(got, size, MADV_NOHUGEPAGE);  // a huge page would undo the separation
    auto* base = static_cast<std::byte*>(got);
    base_address.store(reinterpret_cast<std::uintptr_t>(base), std::memory_order_release);
    for (std::size_t i = 0; i < pools.size(); ++i) {
      pools.at(i).begin(base + i * kAddresses, kClasses.at(i).block);
    }
  }
};

Region& region() {
  static auto* const the = new Region;  // never destroyed, see Region
  return *the;
}

// Warm blocks of this thread. Trivially destructible, so that it is still there when OpenSSL's own
// thread-exit code frees something after Emptying has run.
struct Warm {
  std::array<std::array<void*, kKept>, kClasses.size()> blocks;
  std::array<std::size_t, kClasses.size()> counts;
  bool begun;
  bool closed;
};
constinit thread_local Warm warm = {};

struct Emptying {
  ~Emptying() {
    warm.closed = true;
    for (std::size_t i = 0; i < kClasses.size(); ++i) {
      while (warm.counts.at(i) > 0) {
        region().pools.at(i).give(warm.blocks.at(i).at(--warm.counts.at(i)));
      }
    }
  }
};

void begin_thread() {
  static thread_local const Emptying emptying;
  (void)emptying;
  warm.begun = true;
}

// Which class of blocks a size belongs to; kClasses.size() if it is malloc's.
std::size_t class_of(std::size_t size) {
  if (size < kClasses[0].least) return kClasses.size();
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    if (size >= kClasses.at(i).least && size <= kClasses.at(i).block) return i;
  }
  return kClasses.size();
}

// Which class a block belongs to; kClasses.size() if it is malloc's.
std::size_t class_at(const void* memory) {
  std::uintptr_t base = base_address.load(std::memory_order_relaxed);
  std::uintptr_t offset = reinterpret_cast<std::uintptr_t>(memory) - base;
  if (base == 0 || offset >= kAddresses * kClasses.size()) return kClasses.size();
  return offset / kAddresses;
}

void* openssl_allocate(std::size_t size, const char* /*file*/, int /*line*/) {
  return tls_memory::allocate(size);
}
void* openssl_reallocate(void* memory, std::size_t size, const char* /*file*/, int /*line*/) {
  return tls_memory::reallocate(memory, size);
}
void openssl_release(void* memory, const char* /*file*/, int /*line*/) {
  tls_memory::release(memory);
}

constexpr bool kSanitized =
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    true;
#else
    false;
#endif
#else
    false;
#endif

}  // namespace

namespace tls_memory {

void* allocate(std::size_t size) noexcept {
  if (size == 0) return nullptr;
  std::size_t index = class_of(size);
  if (index == kClasses.size()) {
    void* small = small_blocks::allocate(size);
    return small != nullptr ? small : std::malloc(size);
  }
  if (std::size_t& count = warm.counts.at(index); count > 0) {
    return warm.blocks.at(index).at(--count);
  }
  Pool& pool = region().pools.at(index);
  if (base_address.load(std::memory_order_relaxed) == 0) return std::malloc(size);
  void* memory = pool.take();
  return memory != nullptr ? memory : std::malloc(size);
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  if (small_blocks::owns(memory)) {
    small_blocks::release(memory);
    return;
  }
  std::size_t index = class_at(memory);
  if (index == kClasses.size()) {
    std::free(memory);
    return;
  }
  if (!warm.begun) begin_thread();
  if (std::size_t& count = warm.counts.at(index); !warm.closed && count < kKept) {
    warm.blocks.at(index).at(count++) = memory;
  } else {
    region().pools.at(index).give(memory);
  }
}

void* reallocate(void* memory, std::size_t size) noexcept {
  if (memory == nullptr) return allocate(size);
  if (size == 0) {
    release(memory);
    return nullptr;
  }
  const bool small = small_blocks::owns(memory);
  const std::size_t before = class_at(memory);
  const std::size_t after = class_of(size);
  std::size_t had = 0;
  if (small) {
    had = small_blocks::size_of(memory);
    if (size <= had) return memory;
  } else if (before == kClasses.size()) {
    if (after == kClasses.size()) return std::realloc(memory, size);
    had = malloc_usable_size(memory);
  } else {
    if (before == after) return memory;
    had = kClasses.at(before).block;
  }
  void* moved = allocate(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, memory, std::min(had, size));
  release(memory);
  return moved;
}

bool is_separate(const void* memory) noexcept { return class_at(memory) != kClasses.size(); }

}  // namespace tls_memory

bool separate_tls_buffers() {
  region();
  if (kSanitized || base_address.load(std::memory_order_relaxed) == 0) return false;
  return CRYPTO_set_mem_functions(&openssl_allocate, &openssl_reallocate, &openssl_release) == 1;
}

}  // namespace sallyport::async
