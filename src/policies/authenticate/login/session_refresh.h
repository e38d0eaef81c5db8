// Refreshes sessions, each once, however many requests come with it at the same time. Private to
// this folder.
//
// Refresh tokens are often good once, and requests that were under way when a browser got its new
// cookie still carry the old one: what came of a refresh is kept for a minute. Of the process;
// bounded.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/reactor.h"
#include "async/task.h"
#include "policies/authenticate/login/login_session.h"

namespace sallyport::policies::authenticate_detail {

struct Refreshed {
  std::shared_ptr<const OpenSession> session;  // null: there is none
  bool over = false;                           // the provider has ended it
  std::string why;                             // where there is none, for operators
};

class SessionRefreshes {
 public:
  static constexpr std::size_t kMost = 4096;        // sessions
  static constexpr std::size_t kMostWaiting = 128;  // requests for one of them
  static constexpr std::chrono::seconds kKept{60};  // what came of it
  static constexpr std::chrono::seconds kPause{5};  // after nobody could say

  [[nodiscard]] static SessionRefreshes& of_process();

  // What came of refreshing `session`, by this request's `work` or somebody else's. On a reactor.
  [[nodiscard]] Task<Refreshed> refreshed(std::shared_ptr<const OpenSession> session,
                                          std::move_only_function<Task<Refreshed>()> work);

  // The session as it was refreshed last, as far as that is known; `session` itself otherwise.
  [[nodiscard]] std::shared_ptr<const OpenSession> newest(
      std::shared_ptr<const OpenSession> session);

 private:
  using Clock = std::chrono::steady_clock;
  using Waiting =
      std::vector<std::pair<std::shared_ptr<async::Reactor::Lifeline>, std::coroutine_handle<>>>;
  struct Flight {
    bool landed = false;
    std::uint32_t renewals = 0;  // of the session that it began with
    Refreshed result;
    Clock::time_point when;
    Waiting waiting;
  };
  struct Landing;

  void land(Flight& flight, Refreshed result);
  void make_room(Clock::time_point now);

  std::mutex mutex_;                                                  // guards what follows
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;  // by the session's id
};

}  // namespace sallyport::policies::authenticate_detail
