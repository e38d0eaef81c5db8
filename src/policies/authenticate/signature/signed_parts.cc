#include "policies/authenticate/signature/signed_parts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "async/digest.h"
#include "base/text.h"
#include "http/chars.h"
#include "policies/authenticate/proof/client_uri.h"
#include "policies/authenticate/signature/hmac_place.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::size_t kMostParts = 32;
constexpr std::string_view kHeader = "header:";
constexpr std::string_view kText = "text:";

std::string_view in_hex(std::string_view bytes, Arena& arena) {
  std::string out;
  for (char byte : bytes) text::append_hex(out, static_cast<unsigned char>(byte));
  return arena.copy(out);
}

std::string_view digest_of(std::string_view body, async::Digest::Kind kind, Arena& arena) {
  async::Digest digest(kind);
  digest.update(std::as_bytes(std::span(body)));
  return in_hex(digest.finish(), arena);
}

}  // namespace

std::expected<SignedParts::Part, std::string> SignedParts::read(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, Kind>, 11> kKnown = {
      {{"method", Kind::method},
       {"target", Kind::target},
       {"path", Kind::path},
       {"query", Kind::query},
       {"host", Kind::host},
       {"timestamp", Kind::timestamp},
       {"nonce", Kind::nonce},
       {"key_id", Kind::key_id},
       {"body_sha256", Kind::body_sha256},
       {"body_sha512", Kind::body_sha512},
       {"body", Kind::body}}};
  if (name.starts_with(kText)) return Part{Kind::text, name.substr(kText.size())};
  if (name.starts_with(kHeader)) {
    std::string field = name.substr(kHeader.size());
    if (!http::is_token(field)) return std::unexpected("names no header that HTTP allows");
    return Part{Kind::header, std::move(field)};
  }
  const auto* known = std::ranges::find(kKnown, name, &std::pair<std::string_view, Kind>::first);
  if (known != kKnown.end()) return Part{known->second, {}};
  std::string all;
  for (const auto& each : kKnown) all += std::string(each.first) + ", ";
  return std::unexpected("is none of " + all + "header:NAME and text:TEXT");
}

std::string SignedParts::fault_of_name(const std::string& name) {
  const auto part = read(name);
  return part ? std::string() : part.error();
}

std::expected<SignedParts, std::string> SignedParts::make(const HmacSettings& settings) {
  SignedParts made;
  made.separator_ = settings.separator.value_or("\n");
  for (const std::string& name : settings.sign) {
    auto part = read(name);
    if (!part) return std::unexpected(std::move(part.error()));
    made.parts_.push_back(std::move(*part));
  }
  std::string fault = made.fault_in(settings);
  if (!fault.empty()) return std::unexpected(std::move(fault));
  return made;
}

bool SignedParts::has(Kind kind) const {
  return std::ranges::find(parts_, kind, &Part::kind) != parts_.end();
}

std::string SignedParts::fault_in(const HmacSettings& settings) const {
  if (parts_.size() > kMostParts) return "signs more than 32 parts";
  if (!cover_path() && !cover_body()) {
    return "signs neither the path nor the body, so that a signature would be good for any request";
  }
  if (cover_path() && !has(Kind::method)) return "signs the path, but not the method";
  const std::pair<Kind, const std::optional<HmacPlace>*> places[] = {
      {Kind::timestamp, &settings.timestamp},
      {Kind::nonce, &settings.nonce},
      {Kind::key_id, &settings.key_id}};
  for (const auto& [kind, place] : places) {
    const std::string name = kind == Kind::timestamp ? "timestamp"
                             : kind == Kind::nonce   ? "nonce"
                                                     : "key_id";
    if (has(kind) && !*place) return "signs `" + name + "`, but does not say where that is";
    if (!has(kind) && *place && kind != Kind::key_id) {
      return "has `" + name + "`, but does not sign it, so that anybody could change it";
    }
  }
  for (std::size_t i = 0; i + 1 < parts_.size(); ++i) {
    if (parts_[i].kind == Kind::body) return "signs something behind `body`, which has to be last";
    if (!keeps_apart(parts_[i], settings)) {
      return "signs `" + settings.sign[i] +
             "` in front of other parts, in which the separator may stand too: one request could "
             "be signed like another";
    }
  }
  return {};
}

// Whether it is certain where the part ends. No request has a line feed in anything but its body.
bool SignedParts::keeps_apart(const Part& part, const HmacSettings& settings) const {
  if (separator_.contains('\n')) return true;
  switch (part.kind) {
    case Kind::text:
    case Kind::body_sha256:
    case Kind::body_sha512:
      return true;  // of one length
    case Kind::method:
      return !separator_.empty() && !http::is_token(separator_.substr(0, 1));
    case Kind::timestamp:
      return !separator_.empty() && (separator_.front() < '0' || separator_.front() > '9') &&
             (settings.timestamp_format == TimestampFormat::unix ||
              settings.timestamp_format == TimestampFormat::unix_milliseconds);
    case Kind::key_id:
      return !separator_.empty() && std::ranges::none_of(settings.keys, [this](const auto& key) {
        return key.name.find(separator_.front()) != std::string::npos;
      });
    default:
      return false;
  }
}

std::expected<std::vector<std::string_view>, std::string> SignedParts::text_of(
    const Exchange& x, const SignedValues& values) const {
  std::vector<std::string_view> pieces;
  pieces.reserve(parts_.size() * 2);
  for (const Part& part : parts_) {
    const auto value = value_of(part, x, values);
    if (!value) return std::unexpected(value.error());
    if (!pieces.empty()) pieces.push_back(separator_);
    pieces.push_back(*value);
  }
  return pieces;
}

std::expected<std::string_view, std::string> SignedParts::value_of(
    const Part& part, const Exchange& x, const SignedValues& values) const {
  const std::string_view target = written_target(x);
  switch (part.kind) {
    case Kind::method:
      return x.request.method;
    case Kind::target:
      return x.request.target.empty() && x.request.has_query
                 ? x.arena.copy(std::string(target) + '?' + std::string(x.request.query))
                 : target;
    case Kind::path:
      return target.substr(0, target.find('?'));
    case Kind::query:
      return x.request.query;
    case Kind::host:
      return x.arena.copy(authority_of(x));
    case Kind::timestamp:
      return values.timestamp;
    case Kind::nonce:
      return values.nonce;
    case Kind::key_id:
      return values.key_id;
    case Kind::text:
      return part.text;
    case Kind::body_sha256:
      return digest_of(values.body, async::Digest::Kind::sha256, x.arena);
    case Kind::body_sha512:
      return digest_of(values.body, async::Digest::Kind::sha512, x.arena);
    case Kind::body:
      return values.body;
    case Kind::header:
      break;
  }
  const HmacValues field = values_at({.header = part.text}, x.request.headers);
  if (field.count == 1) return field.values.front();
  return std::unexpected("the header " + part.text + " is signed, but not there once");
}

}  // namespace sallyport::policies::authenticate_detail
