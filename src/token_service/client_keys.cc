// See client_keys.h.
#include "token_service/client_keys.h"

#include <utility>

#include "json/document.h"

namespace sallyport::token_service {
namespace {

std::shared_ptr<const jose::KeySet> read(const std::string& text) {
  const auto document = json::Document::parse(text);
  if (!document) return nullptr;
  auto keys = jose::KeySet::from_jwks(document->find("keys") ? text : R"({"keys":[)" + text + "]}");
  return keys ? std::make_shared<const jose::KeySet>(std::move(*keys)) : nullptr;
}

}  // namespace

std::shared_ptr<const jose::KeySet> ClientKeys::of(const store::Client& client) {
  if (client.jwk.empty()) return nullptr;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = known_.find(client.id);
    if (found != known_.end() && found->second.jwk == client.jwk) return found->second.keys;
  }
  std::shared_ptr<const jose::KeySet> keys = read(client.jwk);
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kMost && !known_.contains(client.id)) known_.erase(known_.begin());
  known_.insert_or_assign(client.id, Known{.jwk = client.jwk, .keys = keys});
  return keys;
}

}  // namespace sallyport::token_service
