// Keeps OAuth clients. On the store's thread, inside a transaction (Store::run).
#pragma once

#include <functional>

#include "store/records/change_log.h"
#include "store/records/work.h"

namespace sallyport::store {

// What `secret` of a client hashes to, bound to the client's id.
[[nodiscard]] Hash client_secret_hash(const KeyedHash& hash, std::string_view id,
                                      std::string_view secret);

class Clients {
 public:
  explicit Clients(Work& work) : work_(work) {}

  // An empty id is replaced by one of ours; one that exists is a `conflict`.
  [[nodiscard]] Outcome<Client> create(Client client) const;
  // Gives it a secret in place of any it had. The text (43 characters) is in the answer only.
  [[nodiscard]] Outcome<IssuedClient> issue_secret(std::string_view id) const;
  [[nodiscard]] Outcome<Client> get(std::string_view id) const;
  [[nodiscard]] Outcome<Page<Client>> list(const PageQuery& query,
                                           std::string_view consumer = {}) const;
  // Replaces all but id, consumer, secret and time of creation.
  [[nodiscard]] Outcome<Client> update(Client client) const;
  [[nodiscard]] Outcome<void> remove(std::string_view id) const;
  // All of them; with `since`, those of them that changed.
  [[nodiscard]] Outcome<void> for_each(const Since* since,
                                       const std::function<void(Client)>& each) const;

 private:
  [[nodiscard]] Outcome<Client> save(Client client) const;
  Work& work_;
};

}  // namespace sallyport::store
