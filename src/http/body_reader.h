// Takes the pieces of one message body out of an Input, whatever its framing. Both sides of the
// gateway use it; what an early end or a timeout means is the caller's to say.
#pragma once

#include <cstdint>
#include <optional>

#include "async/input.h"
#include "base/result.h"
#include "http/chunked.h"
#include "http/head_parser.h"
#include "http/message.h"

namespace sallyport::http {

class BodyReader {
 public:
  // `sender`: whose fault broken framing is.
  BodyReader(async::Input& input, const Limits& limits, Arena& arena, Blame sender)
      : input_(input), decoder_(limits, arena, sender) {}

  void start(Framing framing, std::uint64_t length) {
    framing_ = framing;
    left_ = length;
    done_ = framing == Framing::none || (framing == Framing::length && length == 0);
  }

  // The next piece from bytes that are there already; nothing: more must be read first. The
  // previous piece is consumed.
  [[nodiscard]] std::optional<Result<BodyPiece>> take();
  // The stream has ended: the last piece if that is how the body is framed, nothing if the body
  // was cut short.
  [[nodiscard]] std::optional<BodyPiece> end_of_stream();

  // All of the body has been handed out.
  [[nodiscard]] bool done() const { return done_; }
  // Consumes what was handed out last, so that the input stands behind the body once `done`.
  void finish_piece() {
    input_.consume(handed_out_);
    handed_out_ = 0;
  }
  [[nodiscard]] std::size_t handed_out() const { return handed_out_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const Headers* trailers() const { return decoder_.trailers(); }

 private:
  [[nodiscard]] std::optional<Result<BodyPiece>> take_chunked();

  async::Input& input_;
  ChunkDecoder decoder_;
  std::uint64_t left_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t handed_out_ = 0;
  Framing framing_ = Framing::none;
  bool done_ = true;
};

}  // namespace sallyport::http
