// The streaming way to look at a body: a policy derives from InspectedBody, makes one in the
// exchange's arena and puts it in front of `x.request.body` (or `x.response.body`).
//
// Nothing is held back or copied: a piece is judged, then passed on. A refusal ends the body and is
// written to the decision trail; in monitor mode it is written once and the body goes on unjudged.
#pragma once

#include <span>
#include <utility>

#include "async/task.h"
#include "base/result.h"
#include "http/message.h"
#include "policy/exchange.h"

namespace sallyport {

class InspectedBody : public http::Body {
 public:
  // Only while one of the policy's hooks runs, which is how verdicts find their policy.
  InspectedBody(Exchange& x, Phase phase, http::Body& source)
      : x_(&x), source_(&source), asked_(x.asked), phase_(phase) {}

  Task<Result<http::BodyPiece>> next() final;
  Task<bool> available_within(std::chrono::milliseconds time) final {
    return source_->available_within(time);
  }
  void pace(bool slow) final { source_->pace(slow); }
  [[nodiscard]] const http::Headers* trailers() const final { return source_->trailers(); }

 private:
  // Judges the next bytes; called once with `last`, possibly without bytes. Must not throw.
  virtual Verdict look(std::span<const std::byte> bytes, bool last) = 0;

  Task<Result<http::BodyPiece>> next_waiting(Task<Result<http::BodyPiece>> reading);
  Result<http::BodyPiece> judge(Result<http::BodyPiece> piece);

  Exchange* x_;
  http::Body* source_;
  AskedPolicy asked_;
  Phase phase_;
  bool silent_ = false;  // monitored and has refused: not asked again
};

// Puts a body of type T, made in the exchange's arena, in front of `body`. Its destructor never
// runs: T must own nothing.
template <typename T, typename... Args>
void put_in_front(Exchange& x, http::Body*& body, Phase phase, Args&&... args) {
  static_assert(alignof(T) <= 8);
  body = new (x.arena.allocate(sizeof(T))) T(x, phase, *body, std::forward<Args>(args)...);
}

}  // namespace sallyport
