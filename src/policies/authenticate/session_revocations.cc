#include "policies/authenticate/session_revocations.h"

#include <coroutine>
#include <memory>
#include <mutex>
#include <utility>

#include "async/reactor.h"
#include "base/clock.h"
#include "base/report.h"
#include "store/store.h"

namespace sallyport::policies::authenticate_detail {
namespace {

store::RevocationKind kind_of(SessionRevocations::Kind kind) {
  return kind == SessionRevocations::Kind::one ? store::RevocationKind::token
                                               : store::RevocationKind::subject;
}

// Waits on this thread's reactor until the store has it.
class Written {
 public:
  Written(store::Store& store, store::Revocation record)
      : store_(store), record_(std::move(record)) {}

  static bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    store_.run(
        [record = record_](store::Session& session) { return session.revocations.add(record); },
        [good = good_, waiter, lifeline = async::Reactor::current()->lifeline()](
            const store::Outcome<store::Revocation>& outcome) {
          *good = outcome.has_value();
          lifeline->post([waiter] { waiter.resume(); });
        });
  }
  [[nodiscard]] bool await_resume() const { return *good_; }

 private:
  store::Store& store_;
  store::Revocation record_;
  std::shared_ptr<bool> good_ = std::make_shared<bool>(false);
};

}  // namespace

SessionRevocations& SessionRevocations::of_process() {
  static SessionRevocations revocations;
  return revocations;
}

Task<bool> SessionRevocations::revoke(Exchange& x, Revoked revoked) {
  remember(revoked, wall_milliseconds());
  if (x.store == nullptr) co_return true;
  Written written(
      *x.store,
      {.kind = kind_of(revoked.kind), .value = std::move(revoked.name), .until = revoked.until});
  const bool good = co_await written;
  co_return good;
}

bool SessionRevocations::is_revoked(const Exchange& x, const OpenSession& session,
                                    std::int64_t now) const {
  if (is_remembered(session, now)) return true;
  if (x.callers == nullptr) return false;
  const std::shared_ptr<const store::CallerView>& view = x.callers->view();
  const SessionNames& names = session.names();
  using enum store::RevocationKind;
  if (view->revocation(token, names.session, now) != nullptr) return true;
  if (!names.sid.empty() && view->revocation(token, names.sid, now) != nullptr) return true;
  if (names.subject.empty()) return false;
  const store::Revocation* all = view->revocation(subject, names.subject, now);
  return all != nullptr && session.session().started <= all->created;
}

void SessionRevocations::remember(const Revoked& revoked, std::int64_t now) {
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= kMost) {
    std::erase_if(entries_, [now](const auto& entry) { return entry.second.until <= now; });
  }
  if (entries_.size() >= kMost) {
    entries_.clear();
    floor_ = now;
    report(Severity::warning,
           "authenticate: more logouts came than can be remembered; everybody has to log in again");
  }
  entries_[revoked.name] = {.kind = revoked.kind, .created = now, .until = revoked.until};
  any_.store(true, std::memory_order_release);
}

bool SessionRevocations::is_remembered(const OpenSession& session, std::int64_t now) const {
  if (!any_.load(std::memory_order_acquire)) return false;
  const std::int64_t started = session.session().started;
  const SessionNames& names = session.names();
  const std::shared_lock lock(mutex_);
  return started <= floor_ || holds(names.session, started, now) ||
         holds(names.sid, started, now) || holds(names.subject, started, now);
}

bool SessionRevocations::holds(const std::string& name, std::int64_t started,
                               std::int64_t now) const {
  const auto found = entries_.find(name);
  if (name.empty() || found == entries_.end() || found->second.until <= now) return false;
  return found->second.kind == Kind::one || started <= found->second.created;
}

}  // namespace sallyport::policies::authenticate_detail
