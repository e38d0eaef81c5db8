// What the serialisations of a JWS have in common.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "jose/failure.h"
#include "jose/jws.h"
#include "jose/key_set.h"

namespace sallyport::jose {

// One signature as it is written: everything is base64url but the key id.
struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signing_input;  // header and payload with the dot between them
  // Named outside of the protected header, where only a JSON serialisation can.
  std::optional<std::string_view> key_id = std::nullopt;
};

[[nodiscard]] std::expected<Signed, Failure> verify_parts(const Parts& parts, const KeySet& keys,
                                                          const SignatureRules& rules);

[[nodiscard]] inline std::unexpected<Failure> fail(FailureCode code, std::string sentence) {
  return std::unexpected(Failure{.code = code, .sentence = std::move(sentence)});
}

// Nothing is wrong with the size of the text.
[[nodiscard]] std::expected<void, Failure> check_size(std::string_view text,
                                                      const SignatureRules& rules);

}  // namespace sallyport::jose
