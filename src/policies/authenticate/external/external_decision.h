// What an external authorizer has answered, as far as it counts. Private to this folder.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"
#include "policies/authenticate/external/external_auth.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// Immutable once made, shared by requests that get the same answer.
struct ExternalDecision {
  using Clock = std::chrono::steady_clock;

  bool allows = false;
  int status = 0;
  std::vector<http::ClientField> upstream;  // fields that the upstream gets
  std::vector<http::ClientField> client;    // fields that the client gets
  std::string body;                         // that the client gets
  // Texts of `identity`, which points to them.
  std::string consumer, subject;
  std::string scope_words, role_words, group_words;
  std::vector<std::string_view> scopes, roles, groups;
  Identity identity;
  Clock::time_point good_until;

  // What of it others chose the length of, in bytes.
  [[nodiscard]] std::size_t size() const;
  // In place of the answer that was made for the client. The decision must outlive the exchange.
  void answer(Exchange& x) const;
};

// Null: the answer neither lets the request through nor refuses it.
[[nodiscard]] std::shared_ptr<const ExternalDecision> read_decision(
    http::ClientResponse answer, const ExternalAuthSettings& settings);

// A refusal of the gateway's own: the body is too long to be told.
[[nodiscard]] std::shared_ptr<const ExternalDecision> too_long_to_decide();

}  // namespace sallyport::policies::authenticate_detail
