// Callers who sign their requests (HTTP Message Signatures, RFC 9421). Private to this folder.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policies/authenticate/proof/method.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

inline constexpr Reason kDigestMismatch{"authenticate.digest_mismatch", 400,
                                        "The body is not the one that was signed."};

// What a `keyid` stands for; exactly one of the two.
struct SignatureKeySettings {
  std::string algorithm;
  std::optional<schema::FilePath> pem;
  std::optional<schema::Secret> secret;
  std::optional<std::string> consumer;

  static schema::Fields<SignatureKeySettings> fields();
};

struct HttpSignatureSettings {
  schema::NamedList<SignatureKeySettings> keys;  // by `keyid`
  std::vector<std::string> components = {"@method", "@authority", "@path", "@query"};
  bool body = true;
  std::optional<std::string> tag;
  bool nonce = false;
  schema::Duration lifetime = std::chrono::seconds(60);
  bool forward = false;

  static schema::Fields<HttpSignatureSettings> fields();
};

// Null: a key cannot be used, and the context heard why.
[[nodiscard]] std::unique_ptr<const Method> make_http_signature(
    const schema::Marked<HttpSignatureSettings>& settings, schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
