// Small blocks of exact sizes, without a header in front of each: what many long-lived objects of a
// few sizes need (malloc adds 8 to 23 bytes to every one). Never gives memory back to the system.
//
// A block freed twice, or written to after it was freed, ends the program when it is noticed.
#pragma once

#include <cstddef>

namespace sallyport::async::small_blocks {

inline constexpr std::size_t kLargest = 1024;

// Null for sizes 0 and above kLargest, and when there is no more memory. Aligned for what the size
// can hold: 16 bytes if it is a multiple of 16 or above 512, 8 otherwise.
[[nodiscard]] void* allocate(std::size_t size) noexcept;
// Any thread may free what another has allocated.
void release(void* block) noexcept;
[[nodiscard]] bool owns(const void* memory) noexcept;
// At least what was asked for.
[[nodiscard]] std::size_t size_of(const void* block) noexcept;

}  // namespace sallyport::async::small_blocks
