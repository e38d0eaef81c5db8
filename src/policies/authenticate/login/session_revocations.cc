#include "policies/authenticate/login/session_revocations.h"

#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/report.h"
#include "store/in_store.h"

namespace sallyport::policies::authenticate_detail {
namespace {

store::RevocationKind kind_of(SessionRevocations::Kind kind) {
  return kind == SessionRevocations::Kind::one ? store::RevocationKind::token
                                               : store::RevocationKind::subject;
}

}  // namespace

SessionRevocations& SessionRevocations::of_process() {
  static SessionRevocations revocations;
  return revocations;
}

Task<bool> SessionRevocations::revoke(Exchange& x, Revoked revoked) {
  if (x.rehearsal) co_return true;
  remember(revoked, wall_milliseconds());
  if (x.store == nullptr) co_return true;
  auto writing = store::in_store(
      *x.store, [record = store::Revocation{.kind = kind_of(revoked.kind),
                                            .value = std::move(revoked.name),
                                            .until = revoked.until}](store::Session& session) {
        return session.revocations.add(record);
      });
  const auto written = co_await writing;
  co_return written.has_value();
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
