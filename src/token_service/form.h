// The parameters of a request to an endpoint: application/x-www-form-urlencoded, read strictly.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::token_service {

// Memory of a fixed size for what may be a secret; cleansed when it ends.
class ShortLived {
 public:
  explicit ShortLived(std::size_t size) : bytes_(size) {}
  ShortLived(ShortLived&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  ShortLived& operator=(ShortLived&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~ShortLived();
  [[nodiscard]] std::span<char> bytes() { return bytes_; }

 private:
  std::vector<char> bytes_;  // keeps its place when moved
};

// Decodes "%41" and "+" of `text` into `out`, which is as long at least; the text at the front of
// `out`, or nothing where an escape is broken or stands for a control character.
[[nodiscard]] std::optional<std::string_view> form_decode(std::string_view text,
                                                          std::span<char> out);

class Form {
 public:
  static constexpr std::size_t kMostParameters = 32;
  static constexpr std::size_t kLongestValue = 8192;

  // A name that comes twice is an error, whether or not anybody knows it (RFC 6749 section 3.2).
  // The error is a sentence that quotes nothing.
  [[nodiscard]] static std::expected<Form, std::string_view> parse(std::string_view body);

  // Empty: it is not there, or has no value, which is the same (RFC 6749 section 3.2).
  [[nodiscard]] std::string_view get(std::string_view name) const;

 private:
  struct Parameter {
    std::string_view name, value;
  };
  explicit Form(std::size_t size) : memory_(size) {}
  ShortLived memory_;
  std::vector<Parameter> parameters_;
};

}  // namespace sallyport::token_service
