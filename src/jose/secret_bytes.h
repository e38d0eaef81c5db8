// Bytes of a key: wiped before their memory is given back.
#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::jose {

// Of a fixed size, so that growing leaves no copy behind.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~SecretBytes() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::span<unsigned char> bytes() { return bytes_; }
  [[nodiscard]] std::span<const unsigned char> bytes() const { return bytes_; }
  // The same memory as characters.
  [[nodiscard]] std::span<char> chars() {
    return {reinterpret_cast<char*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::vector<unsigned char> bytes_;
};

}  // namespace sallyport::jose
