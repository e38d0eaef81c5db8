#include "policy/inspected_body.h"

#include "base/clock.h"

namespace sallyport {

Task<Result<http::BodyPiece>> InspectedBody::next() {
  Task<Result<http::BodyPiece>> reading = source_->next();
  if (!reading.ready()) return next_waiting(std::move(reading));
  return judge(reading.await_resume());
}

Task<Result<http::BodyPiece>> InspectedBody::next_waiting(Task<Result<http::BodyPiece>> reading) {
  Result<http::BodyPiece> piece = co_await reading;
  co_return judge(std::move(piece));
}

Result<http::BodyPiece> InspectedBody::judge(Result<http::BodyPiece> piece) {
  if (!piece || silent_) return piece;
  std::uint64_t begin = Ticks::now();
  Verdict verdict = look(piece->bytes, piece->last);
  std::uint64_t end = Ticks::now();
  x_->timings.policies += end - begin;
  if (verdict) return piece;

  x_->trail.add({.reason = verdict.error().reason,
                 .detail = x_->arena.copy(verdict.error().detail),
                 .nanoseconds = trail_nanoseconds(begin, end),
                 .policy = asked_.index,
                 .phase = phase_,
                 .outcome = asked_.monitor ? Outcome::monitored : Outcome::stopped});
  silent_ = asked_.monitor;
  if (asked_.monitor) return piece;
  return stop(verdict);
}

}  // namespace sallyport
