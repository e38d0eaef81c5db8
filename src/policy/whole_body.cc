#include "policy/whole_body.h"

#include <algorithm>
#include <cstring>

namespace sallyport {
namespace {

// Memory that grows in the arena. What it outgrew stays there until the exchange ends, which is at
// most as much again.
class Buffer {
 public:
  Buffer(Arena& arena, std::size_t expected) : arena_(arena) {
    if (expected != 0) reserve(expected);
  }

  void append(std::span<const std::byte> piece) {
    if (piece.empty()) return;
    if (size_ + piece.size() > capacity_) reserve(std::max(size_ + piece.size(), capacity_ * 2));
    std::memcpy(data_ + size_, piece.data(), piece.size());
    size_ += piece.size();
  }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  void reserve(std::size_t capacity) {
    capacity = std::max(capacity, kSmallest);
    auto* bigger = arena_.array<std::byte>(capacity);
    if (size_ != 0) std::memcpy(bigger, data_, size_);
    data_ = bigger;
    capacity_ = capacity;
  }

  static constexpr std::size_t kSmallest = 4096;
  Arena& arena_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace

Task<Result<CollectedBody>> collect_body(Arena& arena, http::Body& body,
                                         std::optional<std::uint64_t> length, std::size_t limit,
                                         bool beginning) {
  CollectedBody collected;
  if (length && *length > limit && !beginning) co_return collected;

  Buffer buffer(arena,
                static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), limit)));
  while (!collected.ended && buffer.bytes().size() <= limit) {
    Task<Result<http::BodyPiece>> reading = body.next();
    Result<http::BodyPiece> piece = co_await reading;
    if (!piece) co_return stop(piece);
    buffer.append(piece->bytes);
    collected.ended = piece->last;
  }
  collected.bytes = buffer.bytes();
  collected.fits = collected.ended && collected.bytes.size() <= limit;
  co_return collected;
}

Task<Result<http::BodyPiece>> ReplayedBody::next() {
  bool first = !replayed_;
  replayed_ = true;
  if (first && (ended_ || !bytes_.empty())) {
    return http::BodyPiece{.bytes = bytes_, .last = ended_};
  }
  return source_->next();
}

}  // namespace sallyport
