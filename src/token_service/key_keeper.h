// Keeps the keys that tokens are signed with: makes them, has them sealed in the store, changes
// them on schedule and publishes them. No worker waits for any of it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "issuers/issuer_keys.h"
#include "jose/key.h"
#include "store/audit/audit_line.h"
#include "store/store.h"
#include "token_service/key_plan.h"
#include "token_service/settings.h"

namespace sallyport::token_service {

// Takes what belongs in the audit trail; any thread, without waiting.
using Record = std::function<void(store::AuditEvent)>;

// What signs now, and what everybody may know. Immutable.
struct PublishedKeys {
  std::shared_ptr<const jose::Key> signer;
  jose::Algorithm algorithm = jose::Algorithm::es256;
  std::string jwks;
};

class KeyKeeper : public std::enable_shared_from_this<KeyKeeper> {
 public:
  // `store` outlives every use of it.
  KeyKeeper(const Settings& settings, store::Store& store, Record record);

  // Looks after the keys, in the background; nothing while an earlier look is not over. Any thread.
  void look();
  // Waits until there are keys, or it is known why there are none. Never on a worker.
  [[nodiscard]] std::expected<void, std::string> wait();

  // Waits until nothing of it uses the store, and looks no more.
  void stop();

  // Null: there are none yet. Any thread.
  [[nodiscard]] std::shared_ptr<const PublishedKeys> published() const { return published_.load(); }
  [[nodiscard]] const IssuerKeys& verifying() const { return *verifying_; }

 private:
  // What the store holds once it was put in order.
  struct Kept {
    std::vector<store::SigningKey> keys;
    std::string signer;
    bool key_is_due = false;
    std::vector<store::AuditEvent> events;
  };
  using Made = std::optional<store::SigningKey>;

  // On the store's thread. A key that was made meanwhile is taken if it is still due.
  [[nodiscard]] static store::Outcome<Kept> put_in_order(store::Session& session,
                                                         const Settings& settings, Made& made);
  void ask_store(Made made);
  void took(store::Outcome<Kept> kept);
  // On a thread of the background.
  void make();
  [[nodiscard]] std::expected<void, std::string> publish(const Kept& kept);
  void done(std::expected<void, std::string> how);

  const Settings settings_;
  store::Store& store_;
  const Record record_;
  const std::shared_ptr<IssuerKeys> verifying_;
  std::atomic<std::shared_ptr<const PublishedKeys>> published_;

  // Of whoever looks, one at a time.
  std::map<std::string, std::shared_ptr<const jose::Key>, std::less<>> opened_;  // by kid
  std::string signer_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  bool looking_ = false;
  bool stopped_ = false;
  bool failing_ = false;
  std::optional<std::expected<void, std::string>> outcome_;
};

}  // namespace sallyport::token_service
