// What an external authorizer is told about a request. Private to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"
#include "policies/authenticate/external/external_auth.h"
#include "policy/exchange.h"
#include "policy/service.h"

namespace sallyport::policies::authenticate_detail {

// Immutable, shared by threads.
class ExternalQuestion {
 public:
  ExternalQuestion(const ExternalAuthSettings& settings, const Service& service);

  // Without a body.
  [[nodiscard]] http::ClientRequest about(const Exchange& x) const;
  // What requests that get the same answer have in common; no two others have the same text.
  [[nodiscard]] std::string key_of(const Exchange& x) const;

  // ":method", ":scheme", ":host", ":path", ":address".
  [[nodiscard]] static bool is_pseudo_name(std::string_view name);

 private:
  void add_fields(http::ClientRequest& request, const Exchange& x) const;

  const Service& service_;
  const ExternalContract contract_;
  const std::string method_;
  const std::string prefix_;  // what the request's own path is put behind
  std::vector<std::string> headers_;
  std::vector<std::string> key_;
  const std::size_t most_bytes_;
};

}  // namespace sallyport::policies::authenticate_detail
