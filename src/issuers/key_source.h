// Where the keys of a token's issuer come from, and which they are now.
//
// Keys that are fetched are kept when their server is away, fetched again after some time in the
// background, and at once for a key nobody knows yet, but not more often than a client should be
// able to ask for.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "async/background.h"
#include "async/task.h"
#include "base/clock.h"
#include "issuers/issuer_keys.h"
#include "issuers/provider.h"
#include "jose/claims.h"
#include "jose/key_set.h"
#include "jose/token.h"

namespace sallyport {

// Where to fetch: a JWK Set, or the discovery document of an issuer that names one (OpenID Connect
// Discovery, RFC 8414).
struct KeyServer {
  std::string jwks_url;  // empty: found by discovery
  std::string issuer;    // for discovery
  std::string ca_file;
  std::chrono::milliseconds refresh{};
};

[[nodiscard]] inline jose::Time time_now() {
  return jose::Time(std::chrono::milliseconds(wall_milliseconds()));
}

// A token whose signature, type and claims are as expected.
struct VerifiedToken {
  jose::Token token;
  std::uint64_t generation;  // of the keys
};
struct UnverifiedToken {
  std::string_view code;           // of the failure; static
  std::string sentence;            // for operators
  bool unavailable = false;        // nothing is known: the keys could not be fetched
  bool other_keys_may_do = false;  // there are none, or not the one that it names
};

class KeySource : public std::enable_shared_from_this<KeySource> {
 public:
  // Those of the configuration.
  explicit KeySource(jose::KeySet keys);
  // One for each server: routes and configurations that name the same share it and what it knows.
  [[nodiscard]] static std::shared_ptr<KeySource> of(const KeyServer& server);
  explicit KeySource(KeyServer server);
  // Those that this process signs with itself.
  explicit KeySource(std::shared_ptr<const IssuerKeys> own) : own_(std::move(own)) {}

  // Null: none could be fetched yet.
  [[nodiscard]] std::shared_ptr<const jose::KeySet> keys() const {
    return own_ != nullptr ? own_->keys() : keys_.load();
  }
  // What the discovery document said, as old as keys(). Null: none could be fetched yet, or the
  // keys are found without one.
  [[nodiscard]] std::shared_ptr<const Provider> provider() const { return provider_.load(); }
  // Another number whenever keys() are others. Has them fetched in the background when it is time.
  [[nodiscard]] std::uint64_t generation(jose::Time now);
  // Waits until they were fetched, if they may be fetched again now. False: they may not, or that
  // failed, and keys() are what they were.
  [[nodiscard]] Task<bool> fetched_anew();
  // The same for whoever may be gone by then: `done` gets the answer on this thread's reactor, or
  // is destroyed with it.
  void fetch_anew(std::move_only_function<void(bool)> done);
  // With the keys that are known. Any thread.
  [[nodiscard]] std::expected<VerifiedToken, UnverifiedToken> verify_now(
      std::string_view text, const jose::Expectations& expected);
  // The same, and once more with keys that were fetched where others may do. Source, text and
  // expectations have to outlive the task.
  [[nodiscard]] Task<std::expected<VerifiedToken, UnverifiedToken>> verify(
      std::string_view text, const jose::Expectations& expected);

 private:
  using Clock = std::chrono::steady_clock;

  struct Fetched {
    jose::KeySet keys;
    std::shared_ptr<const Provider> provider;
  };

  // On a thread of the background, one after the other. True: keys() are not `before` any more.
  bool fetch(const std::shared_ptr<const jose::KeySet>& before);
  [[nodiscard]] std::expected<Fetched, std::string> fetch_keys() const;
  void complain(const std::string& why);
  // For messages.
  [[nodiscard]] const std::string& name() const {
    return server_.issuer.empty() ? server_.jwks_url : server_.issuer;
  }
  [[nodiscard]] bool is_fetched() const {
    return !server_.jwks_url.empty() || !server_.issuer.empty();
  }

  const KeyServer server_;
  const std::shared_ptr<const IssuerKeys> own_;  // null: they are in `keys_`
  std::atomic<std::shared_ptr<const jose::KeySet>> keys_;
  std::atomic<std::shared_ptr<const Provider>> provider_;
  std::atomic<std::uint64_t> generation_{1};
  std::atomic<std::int64_t> due_{std::numeric_limits<std::int64_t>::max()};  // of jose::Time
  std::atomic<bool> queued_{false};  // somebody has asked for what is due
  std::mutex fetching_;              // guards what follows
  std::optional<Clock::time_point> tried_;
  bool failing_ = false;
};

}  // namespace sallyport
