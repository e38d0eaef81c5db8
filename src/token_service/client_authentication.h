// Finds out which client asks, from what it proves itself with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jose/key_set.h"
#include "policy/exchange.h"
#include "store/view/caller_directory.h"
#include "token_service/client_keys.h"
#include "token_service/credentials.h"
#include "token_service/form.h"
#include "token_service/key_keeper.h"
#include "token_service/refusal.h"

namespace sallyport::token_service {

// A client that has proven who it is, may do so, and belongs to a consumer that may, too.
struct AuthenticatedClient {
  std::shared_ptr<const store::CallerView> callers;  // keeps the client
  const store::Client* client = nullptr;
  Way way = Way::secret_basic;
};

// Any thread.
class ClientAuthentication {
 public:
  // `audiences`: whom assertions may be for. `record`: gets what failed; empty: nobody wants to
  // know.
  ClientAuthentication(std::vector<std::string> audiences, Record record);

  // Who is unknown, and who is not allowed, takes as long and hears the same as who is wrong. That
  // somebody fails too often is answered before anything is looked at.
  [[nodiscard]] Answer<AuthenticatedClient> check(const Exchange& x, const Form& form);

 private:
  // Empty: it is proven. Else why not, for operators.
  [[nodiscard]] std::string check_proof(const Credentials& presented, const std::string& id,
                                        const store::CallerView& callers,
                                        const store::Client* client);
  [[nodiscard]] std::string check_assertion(std::string_view assertion, const std::string& id,
                                            const store::Client* client);
  [[nodiscard]] std::unexpected<Refusal> failed(const Exchange& x, std::string_view id,
                                                std::string why) const;

  const std::vector<std::string> audiences_;
  const Record record_;
  const jose::KeySet nobodys_;  // keys whose private parts are gone
  ClientKeys keys_;
};

}  // namespace sallyport::token_service
