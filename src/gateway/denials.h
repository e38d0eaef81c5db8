// Refused requests in the audit trail (`state.audit_denials`).
//
// Strangers can make as many as they like, and the trail is on a disk: of those within one second
// the first hundred are recorded, and how many more there were is told with the next.
#pragma once

#include <atomic>
#include <cstdint>

#include "policy/denial_record.h"
#include "store/audit/audit_trail.h"

namespace sallyport::gateway {

class Denials final : public DenialRecord {
 public:
  static constexpr std::uint32_t kMostPerSecond = 100;

  // `trail` has to outlive it.
  explicit Denials(store::AuditTrail& trail) : trail_(trail) {}
  void note(const Exchange& x) override;
  // The same at a time of one's own: seconds of a clock that is never set back.
  void note_at(const Exchange& x, std::int64_t second);

 private:
  [[nodiscard]] bool has_room(std::int64_t second);

  store::AuditTrail& trail_;
  std::atomic<std::uint64_t> recorded_{0};    // the second in the upper half, how many in the lower
  std::atomic<std::uint64_t> unrecorded_{0};  // since the last that was recorded
  std::atomic<bool> failing_{false};          // the last one was not written
};

}  // namespace sallyport::gateway
