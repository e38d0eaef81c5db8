#include "policies/authenticate/signature/held_body.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "policy/whole_body.h"

namespace sallyport::policies::authenticate_detail {
namespace {

std::atomic<std::size_t>& held_by_all() {
  static std::atomic<std::size_t> held{0};
  return held;
}

// Counts what passes, up to the end of the exchange.
class CountedBody final : public http::Body {
 public:
  CountedBody(http::Body& source, const Reason& no_room) : source_(source), no_room_(no_room) {}
  CountedBody(const CountedBody&) = delete;
  CountedBody& operator=(const CountedBody&) = delete;
  ~CountedBody() override { held_by_all() -= counted_; }

  Task<Result<http::BodyPiece>> next() override {
    if (failed_) co_return std::unexpected(*failed_);
    Task<Result<http::BodyPiece>> asked = source_.next();
    Result<http::BodyPiece> piece = co_await asked;
    if (!piece) {
      failed_ = piece.error();
      co_return piece;
    }
    if (!counting_) co_return piece;
    counted_ += piece->bytes.size();
    if (held_by_all().fetch_add(piece->bytes.size()) + piece->bytes.size() > kMostHeld) {
      failed_ = Stop{.reason = &no_room_, .detail = "too many bodies wait for their last byte"};
      co_return std::unexpected(*failed_);
    }
    co_return piece;
  }
  Task<bool> available_within(std::chrono::milliseconds time) override {
    if (failed_) return true;
    return source_.available_within(time);
  }
  void pace(bool slow) override { source_.pace(slow); }
  [[nodiscard]] const http::Headers* trailers() const override { return source_.trailers(); }
  // What comes now goes on at once.
  void stop_counting() { counting_ = false; }

 private:
  http::Body& source_;
  const Reason& no_room_;
  std::size_t counted_ = 0;
  bool counting_ = true;
  std::optional<Stop> failed_;  // said again to whoever asks again
};

struct Held {
  std::optional<CountedBody> counted;
  std::optional<ReplayedBody> replayed;
  CollectedBody collected;
  std::size_t limit = 0;  // that it was collected with
};

}  // namespace

Task<Result<std::string_view>> hold_body(Exchange& x, std::size_t limit, const Reason& too_large,
                                         const Reason& no_room) {
  // In a slot: it has to be told when the exchange ends. One for all that hold it.
  auto& held = x.slot<Held>(&held_by_all());
  if (!held.replayed) {
    held.counted.emplace(*x.request.body, no_room);
    Task<Result<CollectedBody>> collecting =
        collect_body(x.arena, *held.counted, x.request.content_length, limit);
    Result<CollectedBody> collected = co_await collecting;
    held.counted->stop_counting();
    if (collected) held.collected = *collected;
    held.limit = limit;
    held.replayed.emplace(held.collected, *held.counted);
    x.request.body = &*held.replayed;
    if (!collected) co_return stop(collected);
  }
  const std::span<const std::byte> bytes = held.collected.bytes;
  if (!held.collected.fits || bytes.size() > limit) {
    co_return stop(too_large,
                   "more than " + std::to_string(std::min(limit, held.limit)) + " bytes");
  }
  co_return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace sallyport::policies::authenticate_detail
