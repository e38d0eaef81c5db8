// What a signature of `hmac` is over: parts of the request, one behind the other. Private to this
// folder.
//
// Two requests that mean different things never come to the same text: where the separator could
// stand inside a part, so that the end of one could pass for the beginning of the next, the parts
// are refused when the configuration is loaded.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "policies/authenticate/signature/hmac.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// What of a request does not stand at a fixed place.
struct SignedValues {
  std::string_view key_id, timestamp, nonce;
  std::string_view body;
};

// Immutable.
class SignedParts {
 public:
  // Settings that are complete. The error is what is wrong (lower case, no full stop).
  [[nodiscard]] static std::expected<SignedParts, std::string> make(const HmacSettings& settings);

  [[nodiscard]] bool cover_body() const { return has(Kind::body) || has_digest(); }
  // The path at least, and so no other resource; else whoever has a signature can send the body
  // that it is of anywhere.
  [[nodiscard]] bool cover_path() const { return has(Kind::target) || has(Kind::path); }
  [[nodiscard]] bool cover_query() const { return has(Kind::target) || has(Kind::query); }

  // The text in pieces, views into the request, its arena and this. The error says, for operators,
  // what is to be signed but not there.
  [[nodiscard]] std::expected<std::vector<std::string_view>, std::string> text_of(
      const Exchange& x, const SignedValues& values) const;

  // Whether it can be the name of a part; what is wrong with it otherwise.
  [[nodiscard]] static std::string fault_of_name(const std::string& name);

 private:
  enum class Kind : std::uint8_t {
    method,
    target,
    path,
    query,
    host,
    timestamp,
    nonce,
    key_id,
    header,
    text,
    body_sha256,
    body_sha512,
    body,
  };
  struct Part {
    Kind kind = Kind::text;
    std::string text;  // of a header its name, of a text itself
  };

  [[nodiscard]] static std::expected<Part, std::string> read(const std::string& name);
  [[nodiscard]] bool has(Kind kind) const;
  [[nodiscard]] bool has_digest() const { return has(Kind::body_sha256) || has(Kind::body_sha512); }
  [[nodiscard]] std::string fault_in(const HmacSettings& settings) const;
  [[nodiscard]] bool keeps_apart(const Part& part, const HmacSettings& settings) const;
  [[nodiscard]] std::expected<std::string_view, std::string> value_of(
      const Part& part, const Exchange& x, const SignedValues& values) const;

  std::vector<Part> parts_;
  std::string separator_;
};

}  // namespace sallyport::policies::authenticate_detail
