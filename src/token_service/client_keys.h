// The public keys of clients, read from their records once and not for every assertion.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "jose/key_set.h"
#include "store/records/records.h"

namespace sallyport::token_service {

class ClientKeys {
 public:
  // Null: the record holds no key that can be used. Any thread.
  [[nodiscard]] std::shared_ptr<const jose::KeySet> of(const store::Client& client);

 private:
  static constexpr std::size_t kMost = 1024;
  struct Known {
    std::string jwk;  // what they were read from
    std::shared_ptr<const jose::KeySet> keys;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;  // by the client's id
};

}  // namespace sallyport::token_service
