// Who asks: the credential of a request to the admin listener, judged and recorded. A token in the
// request counts before a certificate of the connection, which may be there unasked.
//
// A good credential is let in however many wrong ones came before it: 256 random bits or a
// signature are not found by trying, and a lock that strangers can close would be a gift to them.
// What is limited is what wrong ones cost: after a few of them they are turned away without a line
// in the audit trail.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "admin/allowances.h"
#include "admin/api/call.h"
#include "admin/credentials.h"
#include "admin/failure_limit.h"
#include "async/peer_certificate.h"
#include "config/snapshot.h"
#include "store/audit/audit_trail.h"
#include "store/view/caller_directory.h"

namespace sallyport::admin {

// For one thread.
class SignIn {
 public:
  struct Presented {
    std::string_view authorization;  // the one such field of the request; empty: there is none
    const async::PeerCertificate* certificate = nullptr;  // verified; null: none was shown
    std::string address;
  };
  // What is known of those who may sign in. What is pointed to outlives the SignIn.
  struct Grounds {
    const store::CallerDirectory* tokens = nullptr;  // null: there are none
    store::AuditTrail* trail = nullptr;              // null: nothing is recorded
    std::shared_ptr<const config::AdminSettings> settings;
  };
  using Judged = std::move_only_function<void(std::expected<Actor, Reply>)>;

  // Calls `done` once: now, or once keys of the OpenID Provider were fetched, unless the thread's
  // reactor ends before. `now`: milliseconds of a monotonic clock.
  void check(const Presented& presented, Grounds grounds, std::uint64_t now, Judged done);

  // Records that somebody may not do what he asked for.
  void refused(store::AuditTrail* trail, const Actor& actor, std::string_view operation,
               std::uint64_t now);

 private:
  void check_oidc(std::string_view presented, std::string address, Grounds grounds,
                  std::uint64_t now, Judged done);
  [[nodiscard]] std::expected<Actor, Reply> judged(const Grounds& grounds, std::string address,
                                                   Proven proven, std::uint64_t now);
  [[nodiscard]] Reply fail(const Grounds& grounds, Actor actor, const NotProven& why,
                           std::uint64_t now);
  void note_success(store::AuditTrail* trail, const Actor& actor, std::uint64_t now);

  FailureLimit limit_;
  Allowances requests_;           // of those who have signed in
  std::uint64_t unrecorded_ = 0;  // failures since the last one that was
  // When somebody signed in first from an address, to record that once an hour.
  std::map<std::pair<std::string, std::string>, std::uint64_t> seen_;
};

}  // namespace sallyport::admin
