#include "policies/authenticate/external/external_decision.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/bytes_body.h"

namespace sallyport::policies::authenticate_detail {
namespace {

std::vector<http::ClientField> taken(const http::ClientResponse& answer,
                                     const std::vector<std::string>& names) {
  std::vector<http::ClientField> fields;
  for (const http::ClientField& field : answer.headers) {
    auto is_it = [&field](const std::string& name) {
      return text::equals_ignoring_case(name, field.name);
    };
    if (std::ranges::any_of(names, is_it)) fields.push_back(field);
  }
  return fields;
}

// Of every field of that name.
std::string value_of(const http::ClientResponse& answer, const std::optional<std::string>& name) {
  std::string all;
  if (!name) return all;
  for (const http::ClientField& field : taken(answer, {*name})) {
    all += (all.empty() ? "" : ",") + field.value;
  }
  return all;
}

// What commas or spaces separate.
std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  text::for_each_element(list, [&words](std::string_view element) {
    text::for_each_word(element, [&words](std::string_view word) { words.push_back(word); });
  });
  return words;
}

void identify(ExternalDecision& decision, const http::ClientResponse& answer,
              const ExternalIdentity& names) {
  decision.consumer = value_of(answer, names.consumer);
  decision.subject = value_of(answer, names.subject);
  decision.scope_words = value_of(answer, names.scopes);
  decision.role_words = value_of(answer, names.roles);
  decision.group_words = value_of(answer, names.groups);
  decision.scopes = words_of(decision.scope_words);
  decision.roles = words_of(decision.role_words);
  decision.groups = words_of(decision.group_words);
  // How the service came to know the caller it does not say, so the least is assumed.
  decision.identity = {.method = "external_auth",
                       .consumer = decision.consumer,
                       .subject = decision.subject,
                       .strength = Strength::password,
                       .scopes = decision.scopes,
                       .roles = decision.roles,
                       .groups = decision.groups};
}

bool lets_through(int status, ExternalContract contract) {
  return status == 200 ||
         (contract == ExternalContract::forward_auth && status > 200 && status < 300);
}

}  // namespace

std::shared_ptr<const ExternalDecision> read_decision(http::ClientResponse answer,
                                                      const ExternalAuthSettings& settings) {
  // 499 is what a log says of a client that has gone, and so nothing that is ever sent.
  constexpr int kClientGone = 499;
  if (answer.status < 200 || answer.status >= kClientGone) return nullptr;
  auto decision = std::make_shared<ExternalDecision>();
  decision->status = answer.status;
  decision->allows = lets_through(answer.status, settings.contract);
  if (settings.cache) {
    decision->good_until = ExternalDecision::Clock::now() + settings.cache->ttl;
  }
  if (decision->allows) {
    decision->upstream = taken(answer, settings.take_headers);
    identify(*decision, answer, settings.identity);
    return decision;
  }
  decision->client = taken(answer, settings.take_response_headers);
  decision->body = std::move(answer.body);
  return decision;
}

std::shared_ptr<const ExternalDecision> too_long_to_decide() {
  auto decision = std::make_shared<ExternalDecision>();
  decision->status = 413;
  return decision;
}

std::size_t ExternalDecision::size() const {
  std::size_t all = body.size();
  for (const auto* fields : {&upstream, &client}) {
    for (const http::ClientField& field : *fields) all += field.name.size() + field.value.size();
  }
  return all;
}

void ExternalDecision::answer(Exchange& x) const {
  http::Response& response = x.response;
  response.status = static_cast<std::uint16_t>(status);
  response.headers.remove(http::HeaderId::content_type);
  for (const http::ClientField& field : client) {
    if (text::equals_ignoring_case(field.name, "Cache-Control")) {
      response.headers.remove(http::HeaderId::cache_control);
    }
  }
  for (const http::ClientField& field : client) response.headers.add(field.name, field.value);
  const bool has_body = status != 204 && status != 304;
  response.body = nullptr;
  response.content_length.reset();
  if (!has_body) return;
  response.content_length = body.size();
  response.body = new (x.arena.allocate(sizeof(http::BytesBody))) http::BytesBody(body);
}

}  // namespace sallyport::policies::authenticate_detail
