#include "policies/authenticate/login/token_endpoint.h"

#include <cstring>
#include <optional>
#include <utility>

#include "base/text.h"
#include "http/client.h"
#include "jose/failure.h"
#include "json/document.h"
#include "policies/authenticate/proof/client_secret.h"
#include "policies/authenticate/proof/form.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::size_t kLongestAnswer = std::size_t{64} << 10;

void wipe(std::string& text) { explicit_bzero(text.data(), text.size()); }

std::expected<Tokens, NoTokens> read_tokens(std::string_view body) {
  auto document = json::Document::parse(body, {.secret = true});
  if (!document || !document->root().is_object()) {
    return std::unexpected(NoTokens{.why = "the token endpoint answers with what is no JSON"});
  }
  Tokens tokens;
  tokens.id_token = document->root().text("id_token");
  tokens.access_token = document->root().text("access_token");
  tokens.refresh_token = document->root().text("refresh_token");
  tokens.scope = document->root().text("scope");
  if (const auto expires = document->find("expires_in")) {
    tokens.expires_in = expires->integer().value_or(0);
  }
  return tokens;
}

// RFC 6749 section 5.2.
NoTokens refusal_of(int status, std::string_view body) {
  const auto document = json::Document::parse(body);
  const std::string error(document ? document->root().text("error") : "");
  return {.refused = status == 400 && error == "invalid_grant",
          .why = "the token endpoint answers " + std::to_string(status) +
                 (error.empty() ? "" : " (" + jose::quoted(error) + ")")};
}

}  // namespace

Tokens::~Tokens() {
  for (std::string* each : {&id_token, &access_token, &refresh_token}) wipe(*each);
}

TokenEndpoint::TokenEndpoint(std::unique_ptr<const Service> service, std::string client_id,
                             std::string secret)
    : service_(std::move(service)), client_id_(std::move(client_id)), secret_(std::move(secret)) {}

TokenEndpoint::~TokenEndpoint() { wipe(secret_); }

Task<std::expected<Tokens, NoTokens>> TokenEndpoint::ask(Exchange& x, const Provider& provider,
                                                         std::string form) const {
  if (x.services == nullptr) co_return std::unexpected(NoTokens{.why = "nobody is there to ask"});
  http::ClientRequest request = service_->question();
  request.method = "POST";
  request.url = provider.token_endpoint;
  request.most_bytes = kLongestAnswer;
  request.headers = {{.name = "Accept", .value = "application/json"},
                     {.name = "Content-Type", .value = "application/x-www-form-urlencoded"}};
  if (!secret_.empty() && provider.takes_basic) {
    request.headers.push_back({.name = "Authorization", .value = basic_of(client_id_, secret_)});
  } else {
    append_parameter(form, "client_id", client_id_);
    if (!secret_.empty()) append_parameter(form, "client_secret", secret_);
  }
  request.body = std::move(form);
  Task<std::expected<http::ClientResponse, std::string>> asking =
      x.services->send(std::move(request));
  auto answer = co_await asking;
  if (!answer) co_return std::unexpected(NoTokens{.why = std::move(answer.error())});
  if (answer->status != 200) {
    co_return std::unexpected(refusal_of(answer->status, answer->body));
  }
  auto tokens = read_tokens(answer->body);
  wipe(answer->body);
  co_return tokens;
}

}  // namespace sallyport::policies::authenticate_detail
