#include "policies/authenticate/challenges.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace sallyport::policies::authenticate_detail {
namespace {

bool is_of_token(std::string_view challenge) {
  for (std::string_view scheme : {"Bearer", "DPoP"}) {
    if (challenge.starts_with(scheme) &&
        (challenge.size() == scheme.size() || challenge[scheme.size()] == ' ')) {
      return true;
    }
  }
  return false;
}

void append(std::string& challenge, std::string_view parameters) {
  if (parameters.empty()) return;
  challenge += challenge.contains(' ') ? ", " : " ";
  challenge += parameters;
}

// RFC 9110 section 5.6.4; the configuration only lets through what needs no escape.
std::string parameter(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + std::string(value) + '"';
}

}  // namespace

Challenges::Challenges(std::span<const Method* const> methods, std::string realm,
                       std::string metadata_url) {
  if (!realm.empty()) for_tokens_ = parameter("realm", realm);
  if (!metadata_url.empty()) {
    for_tokens_ += (for_tokens_.empty() ? "" : ", ") + parameter("resource_metadata", metadata_url);
  }
  for (const Method* method : methods) {
    for (Challenge& each : method->challenges()) {
      if (each.realm_is_required || (!realm.empty() && !is_of_token(each.scheme))) {
        std::string named = parameter("realm", realm.empty() ? "api" : realm);
        if (!each.parameters.empty()) named += ", " + each.parameters;
        each.parameters = std::move(named);
      }
      known_.push_back({.method = method, .challenge = std::move(each)});
    }
  }
}

void Challenges::add_to(Exchange& x, const Trial& trial) const {
  std::vector<std::string> said;
  for (const Known& known : known_) {
    const Challenge& challenge = known.challenge;
    std::string text = challenge.scheme;
    append(text, challenge.parameters);
    const Trial::Refusal* refused = trial.refusal_of(*known.method);
    if (refused != nullptr && (refused->scheme.empty() || refused->scheme == challenge.scheme)) {
      const std::string_view error = refused->error.empty() ? challenge.error : refused->error;
      if (!error.empty()) append(text, parameter("error", error));
    }
    if (std::ranges::find(said, text) != said.end()) continue;
    x.response.headers.add(http::HeaderId::www_authenticate, x.arena.copy(text));
    said.push_back(std::move(text));
  }
  // A 401 has to have one (RFC 9110 section 15.5.2), even where HTTP has no scheme to name.
  if (said.empty()) x.response.headers.add(http::HeaderId::www_authenticate, "Bearer");
}

void Challenges::complete(Exchange& x) const {
  if (for_tokens_.empty() || !x.response.headers.maybe_has(http::HeaderId::www_authenticate)) {
    return;
  }
  for (http::Field& field : x.response.headers) {
    if (field.removed || field.id != http::HeaderId::www_authenticate ||
        !is_of_token(field.value())) {
      continue;
    }
    std::string text(field.value());
    append(text, for_tokens_);
    const std::string_view kept = x.arena.copy(text);
    field.value_data = kept.data();
    field.value_size = static_cast<std::uint32_t>(kept.size());
    field.verbatim = false;
  }
}

}  // namespace sallyport::policies::authenticate_detail
