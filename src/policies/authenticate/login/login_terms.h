// What a login asks a provider for, by which it is decided whom its session may serve. Private to
// this folder.
#pragma once

#include <string>

namespace sallyport::policies::authenticate_detail {

// Words with blanks between them, none twice.
struct LoginTerms {
  std::string scopes;   // RFC 6749 section 3.3
  std::string prompts;  // that the user had to answer (OpenID Connect Core 1.0 section 3.1.2.1)

  // Whether it asks for all that `other` asks for. What the provider then grants is for later
  // policies to judge: to ask again would bring no more.
  [[nodiscard]] bool cover(const LoginTerms& other) const;
  // What covers both.
  [[nodiscard]] LoginTerms with(const LoginTerms& other) const;

  bool operator==(const LoginTerms&) const = default;
};

}  // namespace sallyport::policies::authenticate_detail
