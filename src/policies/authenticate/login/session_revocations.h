// Sessions that were ended before their time: by a logout, here or at the provider. Private to this
// folder.
//
// Of the process, and kept in the store of callers where there is one, so that a restart does not
// forget and other nodes hear of it. Bounded: when there is no room any more, every session that
// has begun by then is ended, rather than that one goes on which should not.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "async/task.h"
#include "policies/authenticate/login/login_session.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// Times are Unix milliseconds.
class SessionRevocations {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 16;

  enum class Kind : std::uint8_t {
    one,         // what has that name, whenever it began
    all_so_far,  // all of that name that began before
  };
  struct Revoked {
    Kind kind;
    std::string name;
    std::int64_t until;  // when the last session it can concern is over anyhow
  };

  [[nodiscard]] static SessionRevocations& of_process();

  // Ends them at once, and then writes it down where there is a store. False: it was not written,
  // so that a restart may forget it. In a rehearsal nothing is ended.
  [[nodiscard]] Task<bool> revoke(Exchange& x, Revoked revoked);

  [[nodiscard]] bool is_revoked(const Exchange& x, const OpenSession& session,
                                std::int64_t now) const;

  // In memory only.
  void remember(const Revoked& revoked, std::int64_t now);
  [[nodiscard]] bool is_remembered(const OpenSession& session, std::int64_t now) const;

 private:
  struct Entry {
    Kind kind;
    std::int64_t created;
    std::int64_t until;
  };
  [[nodiscard]] bool holds(const std::string& name, std::int64_t started, std::int64_t now) const;

  std::atomic<bool> any_{false};
  mutable std::shared_mutex mutex_;  // guards what follows
  std::unordered_map<std::string, Entry> entries_;
  std::int64_t floor_ = 0;  // what began before is over
};

}  // namespace sallyport::policies::authenticate_detail
