// Callers who sign their requests with a shared secret, as webhooks and older APIs do: no standard
// says how, so the configuration does. Private to this folder.
//
// What a signature does not cover it does not vouch for: a body that is not signed, or a query
// beside a signed path, is refused. Where APIs have the choice, http_signature is the better one.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "jose/mac_key.h"
#include "policies/authenticate/proof/method.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

inline constexpr Reason kBodyTooLarge{"authenticate.body_too_large", 413,
                                      "The body is too large to verify its signature."};

inline constexpr Reason kNoRoomForBodies{
    "authenticate.too_many_bodies", 503,
    "Too many bodies wait for their signatures to be verified.", Blame::operations, true};

// What a key id stands for.
struct HmacKeySettings {
  std::vector<schema::Secret> secret;  // any of them
  std::optional<std::string> consumer;

  static schema::Fields<HmacKeySettings> fields();
};

// Where requests carry a value.
struct HmacPlace {
  std::string header;
  std::optional<std::string> parameter;
  std::optional<std::string> prefix;

  static schema::Fields<HmacPlace> fields();
};

// Schemes that many know. What else is given counts in place of what they say.
enum class HmacPreset : std::uint8_t { github, stripe, slack };
enum class HmacEncoding : std::uint8_t { hex, base64 };
enum class TimestampFormat : std::uint8_t { unix, unix_milliseconds, rfc3339, http_date };
enum class Replay : std::uint8_t { refused, allowed };

struct HmacSettings {
  schema::NamedList<HmacKeySettings> keys;  // by key id
  std::optional<HmacPreset> preset;
  std::optional<HmacPlace> signature, timestamp, key_id, nonce;
  std::optional<jose::MacHash> algorithm;
  std::optional<HmacEncoding> encoding;
  std::vector<std::string> sign;
  std::optional<std::string> separator;
  TimestampFormat timestamp_format = TimestampFormat::unix;
  schema::Duration tolerance = std::chrono::minutes(5);
  Replay replay = Replay::refused;
  bool unsigned_body = false;
  schema::Size body_limit{schema::kMiB};
  bool forward = false;

  static schema::Fields<HmacSettings> fields();
};

// With what its preset says and it does not.
[[nodiscard]] HmacSettings completed(HmacSettings settings);

// Null: a secret is too short or what is signed leaves a gap, and the context heard why.
[[nodiscard]] std::unique_ptr<const Method> make_hmac(const schema::Marked<HmacSettings>& settings,
                                                      schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
