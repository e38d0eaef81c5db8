// Memory for OpenSSL that keeps many idle connections small: the large buffers that live for a
// handshake or a record are kept apart from the small objects that live as long as a connection.
//
// Mixed on one heap, a burst of handshakes leaves connections spread over pages that are mostly
// empty and cannot be given back. Small objects get small_blocks; the rest stays with malloc.
#pragma once

#include <cstddef>

namespace sallyport::async {

// To be called first thing in `main`. False, and nothing changes, once OpenSSL has allocated
// anything or when address space is limited. Does nothing under a sanitizer, which wants to see
// every block.
bool separate_tls_buffers();

// What OpenSSL then calls; any thread may free what another has allocated.
namespace tls_memory {
[[nodiscard]] void* allocate(std::size_t size) noexcept;
[[nodiscard]] void* reallocate(void* memory, std::size_t size) noexcept;
void release(void* memory) noexcept;
// Whether `memory` is one of the separate buffers.
[[nodiscard]] bool is_separate(const void* memory) noexcept;
}  // namespace tls_memory

}  // namespace sallyport::async
