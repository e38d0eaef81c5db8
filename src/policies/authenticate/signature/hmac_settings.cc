// The tables of the keys of `hmac`, and what its presets stand for.
#include <array>
#include <utility>

#include "http/chars.h"
#include "policies/authenticate/signature/hmac.h"
#include "policies/authenticate/signature/signed_parts.h"

namespace sallyport::jose {

constexpr auto enum_names(MacHash /*hash*/) {
  return std::array{schema::EnumName{"sha256", MacHash::sha256, "HMAC-SHA-256."},
                    schema::EnumName{"sha512", MacHash::sha512, "HMAC-SHA-512."}};
}

}  // namespace sallyport::jose

namespace sallyport::policies::authenticate_detail {

constexpr auto enum_names(HmacPreset /*preset*/) {
  return std::array{
      schema::EnumName{"github", HmacPreset::github,
                       "`X-Hub-Signature-256: sha256=HEX` over the body, without a timestamp."},
      schema::EnumName{"stripe", HmacPreset::stripe,
                       "`Stripe-Signature: t=SECONDS,v1=HEX` over timestamp, dot and body."},
      schema::EnumName{"slack", HmacPreset::slack,
                       "`X-Slack-Signature: v0=HEX` over `v0`, `X-Slack-Request-Timestamp` and "
                       "body, with colons between them."}};
}

constexpr auto enum_names(HmacEncoding /*encoding*/) {
  return std::array{
      schema::EnumName{"hex", HmacEncoding::hex, "Hexadecimal digits of either case."},
      schema::EnumName{"base64", HmacEncoding::base64, "The standard alphabet, with padding."}};
}

constexpr auto enum_names(TimestampFormat /*format*/) {
  return std::array{
      schema::EnumName{"unix", TimestampFormat::unix, "Seconds of the Unix epoch."},
      schema::EnumName{"unix_milliseconds", TimestampFormat::unix_milliseconds,
                       "Milliseconds of it."},
      schema::EnumName{"rfc3339", TimestampFormat::rfc3339, "`2026-01-31T12:34:56Z`."},
      schema::EnumName{"http_date", TimestampFormat::http_date,
                       "`Sat, 31 Jan 2026 12:34:56 GMT`, as in `Date`."}};
}

constexpr auto enum_names(Replay /*replay*/) {
  return std::array{
      schema::EnumName{"refused", Replay::refused,
                       "A request is good once. Needs `timestamp`, so that it can be forgotten."},
      schema::EnumName{"allowed", Replay::allowed,
                       "Whoever has seen a request can send it again."}};
}

namespace {

using schema::field;

std::string header_fault(const std::string& name) {
  return http::is_token(name) ? std::string() : "is not a name that HTTP allows";
}

std::string not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : std::string();
}

// The settings that `preset` stands for.
HmacSettings settings_of(HmacPreset preset) {
  HmacSettings known;
  switch (preset) {
    case HmacPreset::github:
      known.signature = {.header = "X-Hub-Signature-256", .parameter = {}, .prefix = "sha256="};
      known.sign = {"body"};
      break;
    case HmacPreset::stripe:
      known.signature = {.header = "Stripe-Signature", .parameter = "v1", .prefix = {}};
      known.timestamp = {.header = "Stripe-Signature", .parameter = "t", .prefix = {}};
      known.sign = {"timestamp", "body"};
      known.separator = ".";
      break;
    case HmacPreset::slack:
      known.signature = {.header = "X-Slack-Signature", .parameter = {}, .prefix = "v0="};
      known.timestamp = {.header = "X-Slack-Request-Timestamp", .parameter = {}, .prefix = {}};
      known.sign = {"text:v0", "timestamp", "body"};
      known.separator = ":";
      break;
  }
  return known;
}

template <typename T>
void complete(std::optional<T>& given, std::optional<T> known) {
  if (!given) given = std::move(known);
}

}  // namespace

HmacSettings completed(HmacSettings settings) {
  HmacSettings known = settings.preset ? settings_of(*settings.preset) : HmacSettings{};
  complete(settings.signature, std::move(known.signature));
  complete(settings.timestamp, std::move(known.timestamp));
  complete(settings.separator, std::move(known.separator));
  if (settings.sign.empty()) settings.sign = std::move(known.sign);
  return settings;
}

schema::Fields<HmacKeySettings> HmacKeySettings::fields() {
  return {
      field("secret", &HmacKeySettings::secret,
            "What requests are signed with, 16 bytes or more: any of these, so that a new one can "
            "be made known before the old one goes.")
          .required()
          .or_single()
          .min_items(1)
          .example("${env:SHOP_SECRET}"),
      field("consumer", &HmacKeySettings::consumer, "Name of the consumer.")
          .check(not_empty)
          .default_text("the key id"),
  };
}

schema::Fields<HmacPlace> HmacPlace::fields() {
  schema::Fields<HmacPlace> table{
      field("header", &HmacPlace::header, "Name of a header that is there once.")
          .required()
          .check(header_fault)
          .example("X-Signature"),
      field("parameter", &HmacPlace::parameter,
            "Which of the `name=value` pairs that the header lists, with commas between them.")
          .check(not_empty)
          .default_text("the whole header"),
      field("prefix", &HmacPlace::prefix, "What the header begins with, before the value or list.")
          .check(not_empty)
          .example("sha256="),
  };
  return table.shorthand("header");
}

schema::Fields<HmacSettings> HmacSettings::fields() {
  using S = HmacSettings;
  return {
      field("keys", &S::keys, "Secrets, by the id that requests name them by.").required(),
      field("preset", &S::preset,
            "A scheme that many know. It says what `signature`, `timestamp`, `sign` and "
            "`separator` do not. All of them sign the body only: give such a webhook a route of "
            "its own."),
      field("signature", &S::signature, "Where the signature stands.").default_text("the preset's"),
      field("timestamp", &S::timestamp, "Where the time of signing stands.")
          .default_text("the preset's"),
      field("key_id", &S::key_id, "Where requests name the key.")
          .default_text("nowhere: there is one key"),
      field("nonce", &S::nonce,
            "Where a text stands that the sender uses once. Without one, requests that are the "
            "same down to the timestamp are taken for replays.")
          .default_text("nowhere"),
      field("algorithm", &S::algorithm, "What the signature is made with.").default_text("sha256"),
      field("encoding", &S::encoding, "How it is written.").default_text("hex"),
      field("sign", &S::sign,
            "What it is over, one behind the other: `method`, `target` (path and query as sent), "
            "`path`, `query`, `host`, `timestamp`, `nonce`, `key_id`, `header:NAME`, `text:TEXT`, "
            "`body_sha256` or `body_sha512` (in lower-case hexadecimal), and `body`, which has to "
            "be last.")
          .or_single()
          .check(SignedParts::fault_of_name)
          .default_text("the preset's"),
      field("separator", &S::separator, "What stands between them.")
          .default_text("a line feed, or the preset's"),
      field("timestamp_format", &S::timestamp_format, "How timestamps are written."),
      field("tolerance", &S::tolerance, "By how much a timestamp may differ from the time here.")
          .range(std::chrono::seconds(1), std::chrono::minutes(15)),
      field("replay", &S::replay, "Whether a request may be sent again."),
      field("unsigned_body", &S::unsigned_body,
            "Whether requests may have a body although `sign` names none: anybody on the way could "
            "change it."),
      field("body_limit", &S::body_limit,
            "Bytes of a body that is signed. It is held in memory, as its sender is not known "
            "before its end.")
          .range(schema::Size{1}, schema::Size{16 * schema::kMiB}),
      field("forward", &S::forward, "Whether the upstream gets the signature too."),
  };
}

}  // namespace sallyport::policies::authenticate_detail
