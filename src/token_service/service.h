// The token service of one configuration (RFC 6749 section 4.4, RFC 7009, RFC 8414): gives access
// tokens to clients of the store and takes them back. What outlives a configuration is kept
// elsewhere: keys in the store, failures and used assertions for the process.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "async/task.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "store/store.h"
#include "token_service/client_authentication.h"
#include "token_service/form.h"
#include "token_service/key_keeper.h"
#include "token_service/refusal.h"
#include "token_service/settings.h"

namespace sallyport::token_service {

class Service : public std::enable_shared_from_this<Service> {
 public:
  explicit Service(Settings settings);

  // What answers where, for the routes of a configuration. Until start() they refuse with 503.
  struct Endpoint {
    std::string path;
    std::string method;
    std::shared_ptr<const Policy> policy;
    bool takes_form = false;  // it looks at the request's body
  };
  [[nodiscard]] std::vector<Endpoint> endpoints() const;
  [[nodiscard]] const Places& places() const { return places_; }

  // Before workers know of it, on a thread that may wait: there are keys when this returns. `store`
  // outlives the service until stop().
  [[nodiscard]] std::expected<void, std::string> start(store::Store& store, Record record);
  // Once a second: new keys when it is time, and those that other nodes have made.
  void tick() const { keeper_->look(); }
  void stop() const;

  // On a worker. The JSON of the answer to what a form asks for.
  [[nodiscard]] Task<Answer<std::string>> issue(Exchange& x) const;
  [[nodiscard]] Task<Answer<std::string>> revoke(Exchange& x) const;
  // Null: there are none yet.
  [[nodiscard]] std::shared_ptr<const PublishedKeys> keys() const;
  [[nodiscard]] const std::string& metadata() const { return metadata_; }

 private:
  struct Asked {
    Form form;
    AuthenticatedClient client;
  };
  [[nodiscard]] Answer<Asked> read(const Exchange& x) const;
  [[nodiscard]] Answer<std::string_view> audience_of(const Form& form) const;
  [[nodiscard]] Task<Answer<std::string>> signed_token(std::string claims) const;

  const Settings settings_;
  const Places places_;
  const std::string metadata_;
  store::Store* store_ = nullptr;
  Record record_;
  std::shared_ptr<KeyKeeper> keeper_;
  std::unique_ptr<ClientAuthentication> authentication_;
};

}  // namespace sallyport::token_service
