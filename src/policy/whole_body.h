// Bodies held whole in an exchange's arena: collecting one up to a limit, and playing it back.
//
// Reads one piece at a time and only when asked for more, so the sender feels the pressure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "async/task.h"
#include "base/arena.h"
#include "base/result.h"
#include "http/message.h"

namespace sallyport {

struct CollectedBody {
  std::span<const std::byte> bytes;
  bool ended = false;  // the last piece was read
  bool fits = false;   // `bytes` is the whole body and within the limit
};

// Reads `body` until it ends or more than `limit` bytes have come. A body whose declared `length`
// is over the limit is not read at all, unless its `beginning` is wanted. Fails as the body does.
[[nodiscard]] Task<Result<CollectedBody>> collect_body(Arena& arena, http::Body& body,
                                                       std::optional<std::uint64_t> length,
                                                       std::size_t limit, bool beginning = false);

// What was collected, then what is left of the body it came from.
class ReplayedBody final : public http::Body {
 public:
  ReplayedBody(const CollectedBody& collected, http::Body& source)
      : bytes_(collected.bytes), source_(&source), ended_(collected.ended) {}

  Task<Result<http::BodyPiece>> next() override;
  Task<bool> available_within(std::chrono::milliseconds time) override {
    if (!replayed_ && (ended_ || !bytes_.empty())) return true;
    return source_->available_within(time);
  }
  void pace(bool slow) override { source_->pace(slow); }
  [[nodiscard]] const http::Headers* trailers() const override { return source_->trailers(); }

 private:
  std::span<const std::byte> bytes_;
  http::Body* source_;
  bool ended_;
  bool replayed_ = false;
};

}  // namespace sallyport
