// See assertion.h.
#include "token_service/assertion.h"

#include <algorithm>
#include <chrono>

#include "base/base64url.h"
#include "jose/token.h"

namespace sallyport::token_service {
namespace {

constexpr std::chrono::minutes kLongestLife{10};
constexpr std::chrono::seconds kLeeway{30};
constexpr std::size_t kLongestId = 256;

}  // namespace

jose::AlgorithmSet assertion_algorithms() {
  jose::AlgorithmSet set = jose::AlgorithmSet::all();
  for (jose::Algorithm secret :
       {jose::Algorithm::hs256, jose::Algorithm::hs384, jose::Algorithm::hs512}) {
    set.erase(secret);
  }
  return set;
}

std::optional<std::string> claimed_subject(std::string_view assertion) {
  if (assertion.size() > kLongestAssertion) return std::nullopt;
  const std::size_t first = assertion.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = assertion.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto payload = base64url_decode(assertion.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  const auto claims = json::Document::parse(*payload);
  if (!claims) return std::nullopt;
  const auto subject = claims->find("sub");
  if (!subject || !subject->string()) return std::nullopt;
  return std::string(*subject->string());
}

std::expected<Assertion, std::string> verify_assertion(std::string_view assertion,
                                                       std::string_view client,
                                                       const jose::KeySet& keys,
                                                       std::span<const std::string> audiences,
                                                       jose::Time now) {
  jose::Expectations expected;
  expected.issuers = {std::string(client)};
  expected.audiences.assign(audiences.begin(), audiences.end());
  expected.types = {"JWT", "client-authentication+jwt"};
  expected.required_claims = {"sub", "jti"};
  expected.leeway = kLeeway;
  expected.algorithms = assertion_algorithms();
  expected.max_size = kLongestAssertion;
  const auto token = jose::verify(assertion, keys, expected, now);
  if (!token) {
    return std::unexpected(std::string(jose::name_of(token.error().code)) + ": " +
                           token.error().sentence);
  }
  if (token->subject() != client) return std::unexpected("its sub is not its iss");
  // One that is for others too, they could use in our place.
  for (std::string_view audience : token->audiences()) {
    if (std::ranges::find(audiences, audience) == audiences.end()) {
      return std::unexpected("it is for others, too: " + jose::quoted(audience));
    }
  }
  const jose::Time expires = *token->expires_at();
  if (expires > now + kLongestLife) return std::unexpected("it is good for more than ten minutes");
  const std::string_view id = token->id().value_or("");
  if (id.empty() || id.size() > kLongestId) {
    return std::unexpected("its jti is no string of 1 to 256 bytes");
  }
  return Assertion{.id = std::string(id), .until = expires + kLeeway};
}

}  // namespace sallyport::token_service
