// User name and password as a request carries them (RFC 7617). Private to this folder.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sallyport::policies::authenticate_detail {

// On the stack of whoever checks them; wiped when it ends.
class BasicCredentials {
 public:
  static constexpr std::size_t kMost = 512;  // bytes of both

  BasicCredentials() = default;
  BasicCredentials(const BasicCredentials&) = delete;
  BasicCredentials& operator=(const BasicCredentials&) = delete;
  ~BasicCredentials();

  // `text` is what stands behind "Basic ": base64 (RFC 4648 section 4), strictly. False: it is not,
  // or holds no colon, a control character, or more than kMost bytes.
  [[nodiscard]] bool parse(std::string_view text);
  // After a parse that was true. The password may be empty, the user too.
  [[nodiscard]] std::string_view user() const { return {bytes_.data(), colon_}; }
  [[nodiscard]] std::string_view password() const {
    return {bytes_.data() + colon_ + 1, size_ - colon_ - 1};
  }

 private:
  std::array<char, kMost> bytes_;  // NOLINT(*-member-init): as many as size_ says
  std::size_t size_ = 0;
  std::size_t colon_ = 0;
};

}  // namespace sallyport::policies::authenticate_detail
