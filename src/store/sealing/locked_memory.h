// Memory for keys: pages of their own, kept out of swap and core dumps where the system allows it,
// and cleansed before they are given back.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::store {

// At least one page each, so for few and long-lived keys. Zeroed at first.
class LockedMemory {
 public:
  LockedMemory() = default;
  // Throws std::bad_alloc. That a page could not be locked (RLIMIT_MEMLOCK) is no error.
  explicit LockedMemory(std::size_t size);
  LockedMemory(LockedMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LockedMemory& operator=(LockedMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~LockedMemory();

  [[nodiscard]] unsigned char* data() { return data_; }
  [[nodiscard]] const unsigned char* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view bytes() const;

 private:
  unsigned char* data_ = nullptr;
  std::size_t size_ = 0;
};

// Zeroes bytes in a way that the compiler does not remove.
void cleanse(std::span<char> bytes);

// A secret of any length on its way through the program; cleansed when it ends. Moves, so that
// there is one copy.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string&& text) { take(text); }
  SecretText(SecretText&& other) noexcept { take(other.text_); }
  SecretText& operator=(SecretText&& other) noexcept {
    if (this != &other) take(other.text_);
    return *this;
  }
  ~SecretText() { cleanse(text_); }
  [[nodiscard]] std::string_view view() const { return text_; }
  [[nodiscard]] std::span<char> bytes() { return text_; }

 private:
  void take(std::string& text);
  std::string text_;
};

}  // namespace sallyport::store
