// Who asks: the token of a request to the admin listener, judged and recorded.
//
// A good token is let in however many wrong ones came before it: 256 random bits are not found by
// trying, and a lock that strangers can close would be a gift to them. What is limited is what
// wrong tokens cost: after a few of them they are turned away without a line in the audit trail.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "admin/api/call.h"
#include "admin/failure_limit.h"
#include "store/audit/audit_trail.h"
#include "store/view/caller_directory.h"

namespace sallyport::admin {

// For one thread.
class SignIn {
 public:
  // `authorization`: the one such field of the request; empty: there is none. `now`: milliseconds
  // of a monotonic clock.
  [[nodiscard]] std::expected<Actor, Reply> check(const store::CallerDirectory& callers,
                                                  store::AuditTrail& trail,
                                                  std::string_view authorization,
                                                  std::string address, std::uint64_t now);

  // Records that somebody may not do what he asked for.
  void refused(store::AuditTrail& trail, const Actor& actor, std::string_view operation,
               std::uint64_t now);

 private:
  [[nodiscard]] Reply fail(store::AuditTrail& trail, std::string_view presented,
                           store::KeyVerdict verdict, Actor actor, std::uint64_t now);
  void note_success(store::AuditTrail& trail, const Actor& actor, std::uint64_t now);

  FailureLimit limit_;
  std::uint64_t unrecorded_ = 0;  // failures since the last one that was
  // When a token was used first from an address, to record that once an hour.
  std::map<std::pair<std::string, std::string>, std::uint64_t> seen_;
};

}  // namespace sallyport::admin
