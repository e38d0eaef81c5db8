#include "issuers/provider.h"

#include <algorithm>
#include <optional>

#include "http/service_url.h"
#include "json/document.h"

namespace sallyport {
namespace {

std::string endpoint_of(const json::Document& document, std::string_view name) {
  const std::string_view url = document.root().text(name);
  const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
  return plain && !url.contains('#') && http::may_be_fetched(url) ? std::string(url) : "";
}

// Without the member it is client_secret_basic (OpenID Connect Discovery 1.0 section 3).
bool takes_basic(const json::Document& document) {
  const std::optional<json::Value> methods = document.find("token_endpoint_auth_methods_supported");
  if (!methods) return true;
  return std::ranges::any_of(
      methods->items(), [](json::Value each) { return each.string() == "client_secret_basic"; });
}

}  // namespace

std::expected<Provider, std::string> read_provider(std::string_view document,
                                                   const std::string& issuer) {
  auto read = json::Document::parse(document);
  if (!read) return std::unexpected("the discovery document is no JSON: " + read.error());
  if (read->root().text("issuer") != issuer) {
    return std::unexpected("the discovery document of " + issuer + " is that of another issuer");
  }
  Provider provider{.jwks_uri = std::string(read->root().text("jwks_uri")),
                    .authorization_endpoint = endpoint_of(*read, "authorization_endpoint"),
                    .token_endpoint = endpoint_of(*read, "token_endpoint"),
                    .end_session_endpoint = endpoint_of(*read, "end_session_endpoint"),
                    .takes_basic = takes_basic(*read)};
  if (provider.jwks_uri.empty()) {
    return std::unexpected("the discovery document of " + issuer + " names no jwks_uri");
  }
  const auto named = read->find("authorization_response_iss_parameter_supported");
  provider.names_itself = named && named->boolean().value_or(false);
  return provider;
}

}  // namespace sallyport
