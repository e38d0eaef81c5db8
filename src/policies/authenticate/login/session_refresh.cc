#include "policies/authenticate/login/session_refresh.h"

#include <utility>

namespace sallyport::policies::authenticate_detail {

// Waits until another request's refresh has come to something.
struct SessionRefreshes::Landing {
  SessionRefreshes& all;
  std::shared_ptr<Flight> flight;

  static bool await_ready() noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) const {
    const std::scoped_lock lock(all.mutex_);
    if (flight->landed) return false;
    flight->waiting.emplace_back(async::Reactor::current()->lifeline(), waiter);
    return true;
  }
  [[nodiscard]] Refreshed await_resume() const {
    const std::scoped_lock lock(all.mutex_);
    return flight->result;
  }
};

SessionRefreshes& SessionRefreshes::of_process() {
  static SessionRefreshes refreshes;
  return refreshes;
}

Task<Refreshed> SessionRefreshes::refreshed(std::shared_ptr<const OpenSession> session,
                                            std::move_only_function<Task<Refreshed>()> work) {
  const LoginSession& old = session->session();
  std::shared_ptr<Flight> flight;
  bool wait = false;
  {
    const std::scoped_lock lock(mutex_);
    const Clock::time_point now = Clock::now();
    const auto found = flights_.find(old.id);
    if (found != flights_.end()) {
      const std::shared_ptr<Flight>& known = found->second;
      if (!known->landed) {
        if (known->waiting.size() >= kMostWaiting) {
          co_return Refreshed{.why = "too many requests wait for the session to be refreshed"};
        }
        flight = known;
        wait = true;
      } else if (now - known->when < kKept && known->renewals >= old.renewals) {
        const bool said = known->result.session != nullptr || known->result.over;
        if (said || now - known->when < kPause) co_return known->result;
      }
    }
    if (!wait) {
      if (found == flights_.end()) make_room(now);
      if (flights_.size() >= kMost) {
        co_return Refreshed{.why = "too many sessions are being refreshed"};
      }
      flight = std::make_shared<Flight>();
      flight->renewals = old.renewals;
      flights_[old.id] = flight;
    }
  }
  if (wait) {
    Landing landing{.all = *this, .flight = flight};
    Refreshed result = co_await landing;
    co_return result;
  }
  try {
    Task<Refreshed> working = work();
    Refreshed result = co_await working;
    land(*flight, result);
    co_return result;
  } catch (...) {  // nobody may wait for ever
    land(*flight, {.why = "the session could not be refreshed"});
    throw;
  }
}

void SessionRefreshes::land(Flight& flight, Refreshed result) {
  Waiting waiting;
  {
    const std::scoped_lock lock(mutex_);
    flight.result = std::move(result);
    flight.when = Clock::now();
    flight.landed = true;
    waiting.swap(flight.waiting);
  }
  for (auto& [lifeline, waiter] : waiting) {
    lifeline->post([waiter] { waiter.resume(); });
  }
}

std::shared_ptr<const OpenSession> SessionRefreshes::newest(
    std::shared_ptr<const OpenSession> session) {
  const std::scoped_lock lock(mutex_);
  const auto found = flights_.find(session->session().id);
  if (found == flights_.end() || !found->second->landed) return session;
  const std::shared_ptr<const OpenSession>& known = found->second->result.session;
  const bool newer = known != nullptr && known->session().renewals > session->session().renewals;
  return newer ? known : session;
}

// Forgets what nobody can still need.
void SessionRefreshes::make_room(Clock::time_point now) {
  if (flights_.size() < kMost / 2) return;
  std::erase_if(flights_, [now](const auto& each) {
    return each.second->landed && now - each.second->when >= kKept;
  });
}

}  // namespace sallyport::policies::authenticate_detail
