#include "policies/authenticate/signature/http_signature.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "http/chars.h"
#include "http/structured_fields.h"
#include "issuers/key_source.h"
#include "jose/key.h"
#include "policies/authenticate/proof/key_file.h"
#include "policies/authenticate/proof/replay_memory.h"
#include "policies/authenticate/signature/content_digest.h"
#include "policies/authenticate/signature/signature_base.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

constexpr std::string_view kInput = "Signature-Input";
constexpr std::string_view kSignature = "Signature";
constexpr std::string_view kDigest = "content-digest";
constexpr std::size_t kMostSignatures = 4;
constexpr std::size_t kMostBytes = 16 * 1024;  // of both fields
constexpr std::chrono::seconds kFuture{5};     // by how much the client's clock may be ahead

// Names of RFC 9421 section 6.2.2, and what computes the same.
constexpr std::array<std::pair<std::string_view, jose::Algorithm>, 5> kAlgorithms = {
    {{"hmac-sha256", jose::Algorithm::hs256},
     {"ecdsa-p256-sha256", jose::Algorithm::es256},
     {"ed25519", jose::Algorithm::eddsa},
     {"rsa-pss-sha512", jose::Algorithm::ps512},
     {"rsa-v1_5-sha256", jose::Algorithm::rs256}}};

const std::pair<std::string_view, jose::Algorithm>* find_algorithm(std::string_view name) {
  const auto* found =
      std::ranges::find(kAlgorithms, name, &std::pair<std::string_view, jose::Algorithm>::first);
  return found != kAlgorithms.end() ? found : nullptr;
}

std::string algorithm_fault(const std::string& name) {
  if (find_algorithm(name) != nullptr) return {};
  std::string all;
  for (const auto& known : kAlgorithms) all += (all.empty() ? "" : ", ") + std::string(known.first);
  return "is not one of " + all;
}

std::string component_fault(const std::string& name) {
  for (std::string_view known :
       {"@method", "@authority", "@scheme", "@path", "@query", "@request-target", "@target-uri"}) {
    if (name == known) return {};
  }
  return http::is_token(name) && name == text::to_lower(name)
             ? std::string()
             : "is neither a derived component nor a field in lower case";
}

std::string text_of(const http::BareItem* item) {
  return item != nullptr ? item->string().value_or("") : "";
}

class HttpSignature final : public Method {
 public:
  struct Known {
    jose::Key key;
    std::string_view name;  // of the algorithm
    jose::Algorithm algorithm;
    std::string consumer;
  };
  using Keys = std::map<std::string, Known, std::less<>>;

  HttpSignature(HttpSignatureSettings settings, Keys keys)
      : settings_(std::move(settings)),
        lifetime_(std::chrono::ceil<std::chrono::seconds>(settings_.lifetime)),
        keys_(std::move(keys)) {}

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    const std::optional<std::string> inputs = joined_field(x.request.headers, kInput);
    const std::optional<std::string> signatures = joined_field(x.request.headers, kSignature);
    if (!inputs && !signatures) return Attempt(Absent{});
    if (!inputs || !signatures || inputs->size() + signatures->size() > kMostBytes) {
      return Attempt(Refused{"Signature and Signature-Input do not belong together"});
    }
    const auto described = http::parse_dictionary(*inputs);
    const auto made = http::parse_dictionary(*signatures);
    if (!described || !made || described->size() > kMostSignatures) {
      return Attempt(Refused{"Signature or Signature-Input cannot be read"});
    }
    std::string why = "no signature is meant for this API";
    for (const http::DictionaryMember& input : *described) {
      const Known* known = nullptr;
      if (!is_for_us(input, known)) continue;
      const auto signature = std::ranges::find(*made, input.key, &http::DictionaryMember::key);
      if (signature == made->end()) {
        why = "a signature is described, but not there";
        continue;
      }
      Attempt attempt = judge(x, input, *signature, *known);
      if (auto* refused = std::get_if<Refused>(&attempt)) {
        why = std::move(refused->why);
        continue;
      }
      return attempt;
    }
    return Attempt(Refused{std::move(why)});
  }

  void remove_credential(Exchange& x) const override {
    if (settings_.forward) return;
    x.request.headers.remove(kInput);
    x.request.headers.remove(kSignature);
  }

 private:
  bool is_for_us(const http::DictionaryMember& input, const Known*& known) const {
    if (!input.is_list) return false;
    if (settings_.tag && text_of(http::find_parameter(input.parameters, "tag")) != *settings_.tag) {
      return false;
    }
    const auto found = keys_.find(text_of(http::find_parameter(input.parameters, "keyid")));
    if (found == keys_.end()) return false;
    known = &found->second;
    return true;
  }

  [[nodiscard]] Attempt judge(Exchange& x, const http::DictionaryMember& input,
                              const http::DictionaryMember& signature, const Known& known) const {
    const std::int64_t now =
        std::chrono::floor<std::chrono::seconds>(time_now().time_since_epoch()).count();
    std::int64_t until = 0;
    std::string fault = fault_in(x, input, known, now, until);
    if (!fault.empty()) return Refused{std::move(fault)};
    const auto base = signature_base(input, x);
    if (!base) return Refused{base.error()};
    const std::optional<std::string> bytes =
        signature.is_list ? std::nullopt : signature.items.front().value.bytes();
    if (!bytes || !known.key.verify(known.algorithm, *base, *bytes)) {
      return Refused{"the signature does not verify with the key"};
    }
    // Another signature over the same can be made of an ECDSA signature without the key: so what is
    // remembered is what was signed.
    const std::string nonce = text_of(http::find_parameter(input.parameters, "nonce"));
    const auto answer = ReplayMemory::of_process().remember(
        x, nonce.empty() ? "signature" : "nonce", known.key.id(), nonce.empty() ? *base : nonce,
        now, until);
    if (answer == ReplayMemory::Answer::seen) return Refused{"the request was sent before"};
    if (answer == ReplayMemory::Answer::full) {
      return Unavailable{"no room to remember signatures"};
    }
    // The body that checks it would end the exchange, and only watching must not do that.
    if (covers(input, kDigest) && !x.asked.monitor) {
      fault = check_content_digest(x, kDigestMismatch);
      if (!fault.empty()) return Refused{std::move(fault)};
    }
    return Identity{.method = "http_signature",
                    .consumer = known.consumer,
                    .subject = known.key.id(),
                    .strength = Strength::certificate};
  }

  // What its parameters lack; `until`: when the signature is too old.
  [[nodiscard]] std::string fault_in(const Exchange& x, const http::DictionaryMember& input,
                                     const Known& known, std::int64_t now,
                                     std::int64_t& until) const {
    using Kind = http::BareItem::Kind;
    const http::BareItem* created = http::find_parameter(input.parameters, "created");
    const http::BareItem* expires = http::find_parameter(input.parameters, "expires");
    const http::BareItem* algorithm = http::find_parameter(input.parameters, "alg");
    if (created == nullptr || created->kind != Kind::integer) return "created is missing";
    if (created->integer > now + kFuture.count()) return "it was created in the future";
    until = created->integer + lifetime_.count();
    if (until < now) return "it is too old";
    if (expires != nullptr) {
      if (expires->kind != Kind::integer || expires->integer <= now) return "it has expired";
      until = std::min(until, expires->integer);
    }
    if (algorithm != nullptr && text_of(algorithm) != known.name) {
      return "alg is not that of the key";
    }
    if (settings_.nonce && text_of(http::find_parameter(input.parameters, "nonce")).empty()) {
      return "it has no nonce";
    }
    for (const std::string& component : settings_.components) {
      if (!covers(input, component)) return "it does not cover " + component;
    }
    if (settings_.body && x.request.body != nullptr && !covers(input, kDigest)) {
      return "it does not cover the digest of the body";
    }
    return {};
  }

  const HttpSignatureSettings settings_;
  const std::chrono::seconds lifetime_;
  const Keys keys_;
};

std::expected<jose::Key, std::string> key_of(const SignatureKeySettings& settings,
                                             const std::string& id, jose::Algorithm algorithm,
                                             schema::Context& context) {
  if (settings.secret) return jose::Key::from_secret(settings.secret->reveal(), id, {algorithm});
  auto pem = content_of(*settings.pem, context);
  if (!pem) return std::unexpected(std::move(pem.error()));
  return jose::Key::from_pem(*pem, id, {algorithm});
}

}  // namespace

schema::Fields<SignatureKeySettings> SignatureKeySettings::fields() {
  using S = SignatureKeySettings;
  schema::Fields<S> table{
      field("algorithm", &S::algorithm, "What it signs with; a request cannot choose another.")
          .required()
          .check(algorithm_fault)
          .example("ed25519"),
      field("pem", &S::pem, "File with the public key or a certificate in PEM.")
          .example("/etc/sallyport/shop.pem"),
      field("secret", &S::secret, "Secret for `hmac-sha256`, 32 bytes or more.")
          .example("${env:SHOP_SECRET}"),
      field("consumer", &S::consumer, "Name of the consumer.").default_text("the `keyid`"),
  };
  return table.exactly_one_of({"pem", "secret"});
}

schema::Fields<HttpSignatureSettings> HttpSignatureSettings::fields() {
  using S = HttpSignatureSettings;
  return {
      field("keys", &S::keys, "Keys, by the `keyid` that signatures name.").required(),
      field("components", &S::components,
            "What every signature has to cover. `@target-uri` covers scheme, authority, path and "
            "query, `@request-target` path and query.")
          .or_single()
          .check(component_fault),
      field("body", &S::body,
            "Whether a signature of a request with a body has to cover `content-digest` "
            "(RFC 9530)."),
      field("tag", &S::tag, "Only signatures with this `tag` count."),
      field("nonce", &S::nonce,
            "Whether signatures need a `nonce`. Without one, a request that is the same within the "
            "same second is taken for a replay."),
      field("lifetime", &S::lifetime, "How long a signature is good after `created`.")
          .range(std::chrono::seconds(1), std::chrono::minutes(5)),
      field("forward", &S::forward, "Whether the upstream gets the signature too."),
  };
}

std::unique_ptr<const Method> make_http_signature(
    const schema::Marked<HttpSignatureSettings>& settings, schema::Context& context) {
  HttpSignature::Keys keys;
  bool good = true;
  for (const auto& each : settings.value.keys) {
    const auto* algorithm = find_algorithm(each.value.algorithm);
    auto key = key_of(each.value, each.name, algorithm->second, context);
    if (key && key->is_secret() == (algorithm->second == jose::Algorithm::hs256)) {
      keys.emplace(each.name,
                   HttpSignature::Known{.key = std::move(*key),
                                        .name = algorithm->first,
                                        .algorithm = algorithm->second,
                                        .consumer = each.value.consumer.value_or(each.name)});
      continue;
    }
    context.diagnostics().error(each.where,
                                "is no key for " + each.value.algorithm + ": " +
                                    (key ? "it is of another kind" : key.error()),
                                "Give `pem` for a public key, `secret` for hmac-sha256.",
                                schema::code::kInvalidValue);
    good = false;
  }
  if (!good) return nullptr;
  HttpSignatureSettings kept = settings.value;
  kept.keys.clear();  // the secrets among them
  return std::make_unique<HttpSignature>(std::move(kept), std::move(keys));
}

}  // namespace sallyport::policies::authenticate_detail
