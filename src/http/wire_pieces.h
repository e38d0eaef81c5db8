// What one send of a message is made of: a head, a piece of a body, and around the piece its chunk
// (RFC 9112 7.1). Nothing is copied: what was added must stay where it is until it is sent.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "http/message.h"

namespace sallyport::http {

// Holds what one `async::Stream::send` takes: a head and a chunk, or a head and a piece.
class WirePieces {
 public:
  WirePieces() = default;
  WirePieces(const WirePieces&) = delete;  // the pieces point into it
  WirePieces& operator=(const WirePieces&) = delete;

  // As they are; no bytes are no piece.
  void add(std::string_view text);
  void add(std::span<const std::byte> bytes) {
    add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  // A piece of `body` as a chunk; the last one with the last chunk and the trailers behind it, for
  // which `arena` has room. A piece without bytes is no chunk: that would end the body.
  void add_chunk(const BodyPiece& piece, const Body& body, Arena& arena);

  [[nodiscard]] std::span<const iovec> pieces() const { return {pieces_.data(), count_}; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // In bytes.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::array<iovec, 4> pieces_;     // NOLINT(*-member-init): the first `count_` are written
  std::array<char, 24> size_line_;  // NOLINT(*-member-init): written before it is read
  std::size_t count_ = 0;
  std::size_t size_ = 0;
};

}  // namespace sallyport::http
