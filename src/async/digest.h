// A fingerprint of bytes, to tell two contents apart. Not for passwords.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace sallyport::async {

// SHA-256, 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);
// The same as 32 bytes.
[[nodiscard]] std::string sha256_bytes(std::string_view bytes);

// A hash of bytes that come in pieces.
class Digest {
 public:
  enum class Kind : unsigned char { sha256, sha384, sha512 };
  explicit Digest(Kind kind);
  Digest(Digest&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
  Digest& operator=(Digest&&) = delete;
  ~Digest();

  void update(std::span<const std::byte> bytes);
  // The hash as bytes; empty when OpenSSL has run out of memory. To be called once.
  [[nodiscard]] std::string finish();

 private:
  evp_md_ctx_st* context_;  // null: out of memory
};

}  // namespace sallyport::async
