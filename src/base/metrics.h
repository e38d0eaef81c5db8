// Numbers that one thread counts and any thread may read: counters, gauges, latency histograms.
//
// Single writer each: an increment is a plain load and store, never a locked instruction. Values of
// one owner belong together in a struct aligned to kCacheLine, so that threads do not share lines.
// Nothing here knows names or labels.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sallyport {

inline constexpr std::size_t kCacheLine = 64;

// Only ever grows.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Goes up and down.
class Gauge {
 public:
  void add(std::int64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Durations in fixed, roughly exponential buckets from half a millisecond to a minute.
class Histogram {
 public:
  // Upper bounds in nanoseconds, inclusive; one more bucket counts what is above.
  static constexpr std::array<std::uint64_t, 16> kBounds = {
      500'000,       1'000'000,      2'500'000,      5'000'000,     10'000'000,    25'000'000,
      50'000'000,    100'000'000,    250'000'000,    500'000'000,   1'000'000'000, 2'500'000'000,
      5'000'000'000, 10'000'000'000, 30'000'000'000, 60'000'000'000};
  static constexpr std::size_t kBuckets = kBounds.size() + 1;

  void observe(std::uint64_t nanoseconds) {
    buckets_[bucket(nanoseconds)].add();
    sum_.add(nanoseconds);
  }

  [[nodiscard]] static constexpr std::size_t bucket(std::uint64_t nanoseconds) {
    std::size_t i = kFirst[static_cast<std::size_t>(std::bit_width(nanoseconds))];
    while (i < kBounds.size() && nanoseconds > kBounds[i]) ++i;
    return i;
  }

  // Of one bucket, not cumulative.
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return buckets_[bucket].value(); }
  [[nodiscard]] std::uint64_t sum_nanoseconds() const { return sum_.value(); }

 private:
  // For a number of significant bits: the first bucket that such a duration can belong to.
  static constexpr std::array<std::uint8_t, 65> kFirst = [] {
    std::array<std::uint8_t, 65> first{};
    for (std::size_t bits = 1; bits <= 64; ++bits) {
      std::uint64_t smallest = std::uint64_t{1} << (bits - 1);
      std::uint8_t i = 0;
      while (i < kBounds.size() && smallest > kBounds[i]) ++i;
      first[bits] = i;
    }
    return first;
  }();

  std::array<Counter, kBuckets> buckets_;
  Counter sum_;
};

}  // namespace sallyport
