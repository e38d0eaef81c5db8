#include "async/tls_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace sallyport::async {
namespace {

TEST(TlsMemoryTest, separates_handshake_and_record_buffers_from_lasting_objects) {
  const std::vector<std::pair<std::size_t, bool>> cases = {
      {1, false},    {960, false},  {3999, false},  {4096, true},
      {4097, false}, {7624, false}, {12288, false}, {16384, true},
      {21848, true}, {24576, true}, {24577, false}, {100'000, false}};
  for (auto [size, separate] : cases) {
    void* memory = tls_memory::allocate(size);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(tls_memory::is_separate(memory), separate) << size;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 16, 0U);
    std::memset(memory, 'x', size);
    tls_memory::release(memory);
  }
  EXPECT_EQ(tls_memory::allocate(0), nullptr);
  tls_memory::release(nullptr);
}

TEST(TlsMemoryTest, keeps_contents_when_the_size_changes) {
  constexpr std::array<std::size_t, 8> kSizes = {100, 4096, 5000, 16'000, 24'000, 50'000, 4050, 10};
  auto* memory = static_cast<unsigned char*>(tls_memory::reallocate(nullptr, kSizes[0]));
  std::size_t known = 0;
  for (std::size_t size : kSizes) {
    memory = static_cast<unsigned char*>(tls_memory::reallocate(memory, size));
    ASSERT_NE(memory, nullptr);
    known = std::min(known, size);
    for (std::size_t i = 0; i < known; ++i) ASSERT_EQ(memory[i], i % 251) << size;
    for (std::size_t i = 0; i < size; ++i) memory[i] = static_cast<unsigned char>(i % 251);
    known = size;
  }
  EXPECT_EQ(tls_memory::reallocate(memory, 0), nullptr);
}

TEST(TlsMemoryTest, gives_every_block_to_one_owner_and_lets_another_thread_free_it) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int round = 0; round < 20; ++round) {
        std::vector<unsigned char*> blocks;
        for (int i = 0; i < 100; ++i) {
          blocks.push_back(static_cast<unsigned char*>(tls_memory::allocate(16'500)));
          std::memset(blocks.back(), t * 50 + round, 16'500);
        }
        EXPECT_EQ(std::set(blocks.begin(), blocks.end()).size(), blocks.size());
        for (unsigned char* block : blocks) {
          EXPECT_EQ(block[0], t * 50 + round);
          EXPECT_EQ(block[16'499], t * 50 + round);
        }
        std::thread([&blocks] {
          for (unsigned char* block : blocks) tls_memory::release(block);
        }).join();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(TlsMemoryTest, gives_pages_of_a_burst_back) {
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) {
    blocks.push_back(tls_memory::allocate(20'000));
    std::memset(blocks.back(), 1, 20'000);
  }
  for (void* block : blocks) tls_memory::release(block);
  std::size_t resident = 0;
  for (void* block : blocks) {
    std::array<unsigned char, 6> pages{};
    ASSERT_EQ(mincore(block, 24'576, pages.data()), 0);
    for (unsigned char page : pages) resident += page & 1U;
  }
  EXPECT_LE(resident, 32U * 6U);
}

}  // namespace
}  // namespace sallyport::async
