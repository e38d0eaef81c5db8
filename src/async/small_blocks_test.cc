#include "async/small_blocks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace sallyport::async {
namespace {

TEST(SmallBlocksTest, every_size_gets_room_and_alignment) {
  std::vector<void*> blocks;
  for (std::size_t size = 1; size <= small_blocks::kLargest; ++size) {
    for (int i = 0; i < 3; ++i) {
      void* block = small_blocks::allocate(size);
      ASSERT_NE(block, nullptr);
      EXPECT_TRUE(small_blocks::owns(block));
      EXPECT_GE(small_blocks::size_of(block), size);
      EXPECT_LE(small_blocks::size_of(block), size + 15);
      std::size_t alignment = size % 16 == 0 || size > 512 ? 16 : 8;
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0U) << size;
      std::memset(block, 0xAB, size);
      blocks.push_back(block);
    }
  }
  for (void* block : blocks) small_blocks::release(block);
  EXPECT_EQ(small_blocks::allocate(0), nullptr);
  EXPECT_EQ(small_blocks::allocate(small_blocks::kLargest + 1), nullptr);
  int on_the_stack = 0;
  EXPECT_FALSE(small_blocks::owns(&on_the_stack));
}

// Blocks wander between threads; nobody's bytes are ever touched by another.
TEST(SmallBlocksTest, blocks_do_not_overlap_while_threads_trade_them) {
  struct Block {
    unsigned char* memory;
    std::size_t size;
    unsigned char fill;
  };
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::minstd_rand random(t + 1);
      std::vector<Block> blocks;
      auto check_and_release = [](const Block& block) {
        for (std::size_t i = 0; i < block.size; ++i) ASSERT_EQ(block.memory[i], block.fill);
        small_blocks::release(block.memory);
      };
      for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 1000; ++i) {
          std::size_t size = 1 + random() % 300;
          auto fill = static_cast<unsigned char>(random());
          auto* memory = static_cast<unsigned char*>(small_blocks::allocate(size));
          std::memset(memory, fill, size);
          blocks.push_back({.memory = memory, .size = size, .fill = fill});
        }
        for (int i = 0; i < 600; ++i) {
          std::swap(blocks[random() % blocks.size()], blocks.back());
          check_and_release(blocks.back());
          blocks.pop_back();
        }
        std::vector<Block> given(blocks.end() - 300, blocks.end());
        blocks.resize(blocks.size() - 300);
        std::thread([&] {
          for (const Block& block : given) check_and_release(block);
        }).join();
      }
      for (const Block& block : blocks) check_and_release(block);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(SmallBlocksDeathTest, freeing_twice_ends_the_program) {
  void* block = small_blocks::allocate(64);
  small_blocks::release(block);
  EXPECT_DEATH(small_blocks::release(block), "");
}

TEST(SmallBlocksDeathTest, writing_after_free_is_noticed_when_the_block_is_used_again) {
  void* block = small_blocks::allocate(72);
  small_blocks::release(block);
  EXPECT_DEATH(
      {
        std::memset(block, 'x', 16);
        void* again = small_blocks::allocate(72);
        std::memset(again, 0, 1);
      },
      "");
}

}  // namespace
}  // namespace sallyport::async
