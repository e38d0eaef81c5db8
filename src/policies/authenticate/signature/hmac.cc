#include "policies/authenticate/signature/hmac.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "base/base64.h"
#include "base/clock.h"
#include "base/text.h"
#include "policies/authenticate/proof/credential.h"
#include "policies/authenticate/proof/replay_memory.h"
#include "policies/authenticate/signature/held_body.h"
#include "policies/authenticate/signature/hmac_place.h"
#include "policies/authenticate/signature/signed_parts.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::size_t kLeastSecret = 16;
constexpr std::size_t kLongestNonce = 256;

struct Known {
  std::vector<jose::MacKey> secrets;
  std::string consumer;
};
using Keys = std::map<std::string, Known, std::less<>>;

// A code as a request brought it.
struct GivenMac {
  std::array<char, jose::Mac::kMost> bytes;  // NOLINT(*-member-init): as many as `size` says
  std::size_t size = 0;

  [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }
};

// What a request says about its signature.
struct Said {
  std::array<GivenMac, HmacValues::kMost> macs;
  std::size_t count = 0;
  std::string_view key_id;
  const Known* known = nullptr;
  SignedValues values;
  std::int64_t now = 0;    // seconds of the epoch
  std::int64_t until = 0;  // when it is too old
};

// -1: none.
constexpr std::array<signed char, 256> kHexDigits = [] {
  std::array<signed char, 256> digits{};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    digits[i] = static_cast<signed char>(text::hex_digit(static_cast<char>(i)));
  }
  return digits;
}();

// False: it is not written as codes of that size are.
bool read_mac(std::string_view text, HmacEncoding encoding, std::size_t size, GivenMac& out) {
  out.size = size;
  if (encoding == HmacEncoding::base64) {
    return base64_decode(text, std::span(out.bytes)) == size;
  }
  if (text.size() != size * 2) return false;
  // Without branches on what was sent: texts that are much alike would take less time than others,
  // and hide what the comparison behind this takes.
  int all = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const int high = kHexDigits[static_cast<unsigned char>(text[2 * i])];
    const int low = kHexDigits[static_cast<unsigned char>(text[2 * i + 1])];
    all |= high | low;
    out.bytes.at(i) = static_cast<char>((high << 4) | low);
  }
  return all >= 0;
}

class Hmac final : public Method {
 public:
  Hmac(HmacSettings settings, SignedParts parts, Keys keys)
      : settings_(std::move(settings)),
        tolerance_(std::chrono::ceil<std::chrono::seconds>(settings_.tolerance).count()),
        mac_size_(jose::size_of(settings_.algorithm.value_or(jose::MacHash::sha256))),
        place_(CredentialPlace::Kind::header, settings_.signature->header),
        parts_(std::move(parts)),
        keys_(std::move(keys)) {}

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    const HmacValues signatures = values_at(*settings_.signature, x.request.headers);
    if (!signatures.fault.empty()) return Attempt(refused(signatures.fault));
    if (signatures.count == 0) return Attempt(Absent{});
    Said said;
    std::string_view fault = read(x, signatures, said);
    if (fault.empty()) fault = gap_in(x);
    if (!fault.empty()) return Attempt(refused(fault));
    if (!parts_.cover_body() || x.request.body == nullptr) return judge(x, said);
    return judged_with_body(x, said);
  }

  // Behind a prefix: only what has it, as the field may also hold what other methods read.
  void remove_credential(Exchange& x) const override {
    if (settings_.forward) return;
    const HmacPlace& at = *settings_.signature;
    const std::string_view prefix = !at.parameter && at.prefix ? std::string_view(*at.prefix) : "";
    for (http::Field& field : x.request.headers) {
      if (field.removed || !text::equals_ignoring_case(field.name(), at.header)) continue;
      field.removed = text::trim(field.value()).starts_with(prefix);
    }
  }
  [[nodiscard]] const CredentialPlace* place() const override { return &place_; }
  [[nodiscard]] bool forwards() const override { return settings_.forward; }

 private:
  [[nodiscard]] static Refused refused(std::string_view why) {
    return {.why = "hmac: " + std::string(why)};
  }

  // What is wrong with what the header fields say; empty: nothing.
  [[nodiscard]] std::string_view read(const Exchange& x, const HmacValues& signatures,
                                      Said& said) const {
    for (std::size_t i = 0; i < signatures.count; ++i) {
      const HmacEncoding encoding = settings_.encoding.value_or(HmacEncoding::hex);
      if (!read_mac(signatures.values.at(i), encoding, mac_size_, said.macs.at(said.count))) {
        return "the signature is not written as one of its algorithm";
      }
      ++said.count;
    }
    if (!read_one(x, settings_.key_id, said.values.key_id)) return "there is not one key id";
    const auto key = settings_.key_id ? keys_.find(said.values.key_id) : keys_.begin();
    if (key == keys_.end()) return "the key is not known";
    said.key_id = key->first;
    said.known = &key->second;
    if (!read_one(x, settings_.nonce, said.values.nonce)) return "there is not one nonce";
    if (said.values.nonce.size() > kLongestNonce) return "the nonce is too long";
    if (!read_one(x, settings_.timestamp, said.values.timestamp)) {
      return "there is not one timestamp";
    }
    said.now = wall_milliseconds() / 1000;
    if (!settings_.timestamp) return {};
    const auto signed_at = timestamp_of(said.values.timestamp, settings_.timestamp_format);
    if (!signed_at) return "the timestamp is not written as it has to be";
    const std::int64_t seconds = *signed_at / 1000;
    said.until = seconds + tolerance_;
    if (said.until < said.now) return "the timestamp is too old";
    if (seconds > said.now + tolerance_) return "the timestamp is in the future";
    return {};
  }

  // False: there is not one value at the place, if there is to be any.
  [[nodiscard]] static bool read_one(const Exchange& x, const std::optional<HmacPlace>& place,
                                     std::string_view& out) {
    if (!place) return true;
    const HmacValues values = values_at(*place, x.request.headers);
    if (values.count != 1 || !values.fault.empty()) return false;
    out = values.values.front();
    return true;
  }

  // What the request has and the signature does not cover.
  [[nodiscard]] std::string_view gap_in(const Exchange& x) const {
    if (x.request.body != nullptr && !parts_.cover_body() && !settings_.unsigned_body) {
      return "there is a body, which is not signed";
    }
    if (!parts_.cover_path() && x.request.body == nullptr) {
      return "there is no body, and nothing else that would be signed";
    }
    if (parts_.cover_path() && !parts_.cover_query() && !x.request.query.empty()) {
      return "there is a query, which is not signed";
    }
    return {};
  }

  [[nodiscard]] Task<Attempt> judged_with_body(Exchange& x, Said said) const {
    Task<Result<std::string_view>> holding = hold_body(
        x, static_cast<std::size_t>(settings_.body_limit.bytes), kBodyTooLarge, kNoRoomForBodies);
    Result<std::string_view> body = co_await holding;
    if (!body) {
      co_return Refused{.why = "hmac: " + body.error().detail, .reason = body.error().reason};
    }
    if (body->empty() && !parts_.cover_path()) {
      co_return refused("the body is empty, and there is nothing else that would be signed");
    }
    said.values.body = *body;
    co_return judge(x, said);
  }

  [[nodiscard]] Attempt judge(const Exchange& x, const Said& said) const {
    const auto message = parts_.text_of(x, said.values);
    if (!message) return refused(message.error());
    bool right = false;
    std::vector<jose::Mac> macs;
    macs.reserve(said.known->secrets.size());
    for (const jose::MacKey& secret : said.known->secrets) {
      const jose::Mac& mac = macs.emplace_back(secret.of(*message));
      for (const GivenMac& given : std::span(said.macs).first(said.count)) {
        right = jose::equal_in_constant_time(mac.text(), given.text()) || right;
      }
    }
    if (!right) return refused("the signature is not that of the request");
    if (settings_.replay == Replay::refused) {
      switch (remember(x, said, macs)) {
        case ReplayMemory::Answer::fresh:
          break;
        case ReplayMemory::Answer::seen:
          return refused("the request was sent before");
        case ReplayMemory::Answer::full:
          return Unavailable{"hmac: no room to remember requests"};
      }
    }
    // What can be sent again, or with another path, shows less than a key that never leaves.
    const bool strong = settings_.replay == Replay::refused && parts_.cover_path();
    return Identity{.method = "hmac",
                    .consumer = said.known->consumer,
                    .subject = said.key_id,
                    .strength = strong ? Strength::certificate : Strength::key};
  }

  // By the codes of all secrets, not the one that came: the same request may come with another of
  // them, and their order change with the configuration.
  [[nodiscard]] static ReplayMemory::Answer remember(const Exchange& x, const Said& said,
                                                     std::span<const jose::Mac> macs) {
    ReplayMemory& memory = ReplayMemory::of_process();
    if (!said.values.nonce.empty()) {
      return memory.remember(x, "hmac nonce", said.key_id, said.values.nonce, said.now, said.until);
    }
    for (std::size_t i = 0; i < macs.size(); ++i) {
      const auto answer =
          memory.remember(x, "hmac", said.key_id, macs[i].text(), said.now, said.until);
      if (answer == ReplayMemory::Answer::fresh) continue;
      // There is no room for all of them: the sender may try again.
      if (answer == ReplayMemory::Answer::full) {
        for (const jose::Mac& mac : macs.first(i)) memory.forget("hmac", said.key_id, mac.text());
      }
      return answer;
    }
    return ReplayMemory::Answer::fresh;
  }

  const HmacSettings settings_;
  const std::int64_t tolerance_;
  const std::size_t mac_size_;
  const CredentialPlace place_;
  const SignedParts parts_;
  const Keys keys_;
};

// What is wrong as a whole, and what to do; empty: nothing.
std::pair<std::string, std::string> fault_of(const HmacSettings& settings) {
  if (!settings.signature) {
    return {"does not say where the signature stands", "Give `signature`, or a `preset`."};
  }
  if (settings.sign.empty()) {
    return {"does not say what is signed", "Give `sign`, or a `preset`."};
  }
  if (settings.keys.empty()) return {"has no keys", "Give one in `keys`."};
  if (settings.keys.size() > 1 && !settings.key_id) {
    return {"has several keys, and requests do not name theirs",
            "Give `key_id`, or each key a route of its own."};
  }
  if (settings.replay == Replay::refused && !settings.timestamp) {
    return {"has no `timestamp`, without which a request could be sent again at any time",
            "Give `timestamp`; where senders have none, say `replay: allowed`."};
  }
  return {};
}

bool read_keys(const HmacSettings& settings, schema::Context& context, Keys& keys) {
  bool good = true;
  for (const auto& each : settings.keys) {
    Known known{.secrets = {}, .consumer = each.value.consumer.value_or(each.name)};
    for (const schema::Secret& secret : each.value.secret) {
      std::expected<jose::MacKey, std::string> key =
          std::unexpected("the secret has " + std::to_string(secret.reveal().size()) + " bytes");
      if (secret.reveal().size() >= kLeastSecret) {
        key =
            jose::MacKey::make(settings.algorithm.value_or(jose::MacHash::sha256), secret.reveal());
      }
      if (key) {
        known.secrets.push_back(std::move(*key));
        continue;
      }
      context.diagnostics().error(each.where, "has a secret that cannot be used: " + key.error(),
                                  "Take one of " + std::to_string(kLeastSecret) +
                                      " random bytes or more, as \"openssl rand -hex 32\" makes.",
                                  schema::code::kInvalidValue);
      good = false;
    }
    keys.emplace(each.name, std::move(known));
  }
  return good;
}

}  // namespace

std::unique_ptr<const Method> make_hmac(const schema::Marked<HmacSettings>& settings,
                                        schema::Context& context) {
  HmacSettings whole = completed(settings.value);
  auto [fault, advice] = fault_of(whole);
  if (!fault.empty()) {
    context.diagnostics().error(settings.where, std::move(fault), std::move(advice),
                                schema::code::kMissingKey);
    return nullptr;
  }
  auto parts = SignedParts::make(whole);
  if (!parts) {
    context.diagnostics().error(settings.where, std::move(parts.error()),
                                "Sign [method, target, timestamp, body], for instance, and leave "
                                "`separator` out.",
                                schema::code::kInvalidValue);
    return nullptr;
  }
  Keys keys;
  if (!read_keys(whole, context, keys)) return nullptr;
  whole.keys.clear();  // the secrets among them
  return std::make_unique<Hmac>(std::move(whole), std::move(*parts), std::move(keys));
}

}  // namespace sallyport::policies::authenticate_detail
