// What a request brings along to prove which client sent it (RFC 6749 section 2.3, RFC 7521 section
// 4.2), whether or not it proves anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "policy/exchange.h"
#include "token_service/form.h"
#include "token_service/refusal.h"

namespace sallyport::token_service {

// "Basic" and base64 of id, colon and secret, each form-encoded before (RFC 6749 section 2.3.1).
class BasicCredentials {
 public:
  // `value` is the header's. Nothing: it is not exactly that.
  [[nodiscard]] static std::optional<BasicCredentials> parse(std::string_view value);
  [[nodiscard]] std::string_view id() const { return id_; }
  [[nodiscard]] std::string_view secret() const { return secret_; }

 private:
  explicit BasicCredentials(std::size_t size) : encoded_(size), plain_(size) {}
  ShortLived encoded_, plain_;
  std::string_view id_, secret_;
};

enum class Way : std::uint8_t { secret_basic, secret_post, private_key_jwt, tls };

// The metadata's name for it (RFC 8414 section 2).
[[nodiscard]] constexpr std::string_view name_of(Way way) {
  switch (way) {
    case Way::secret_basic:
      return "client_secret_basic";
    case Way::secret_post:
      return "client_secret_post";
    case Way::private_key_jwt:
      return "private_key_jwt";
    case Way::tls:
      return "tls_client_auth";  // RFC 8705 section 2.1
  }
  return {};
}

// Texts are of the request, of its form or of `basic`.
struct Credentials {
  Way way = Way::secret_basic;
  std::string_view id;         // as claimed; empty with an assertion alone
  std::string_view secret;     // of the first two ways
  std::string_view assertion;  // of the third
  std::string_view subject;    // of the fourth: that of the connection's certificate
  std::optional<BasicCredentials> basic;
};

// Exactly one way may be used.
[[nodiscard]] Answer<Credentials> credentials_of(const Exchange& x, const Form& form);

}  // namespace sallyport::token_service
