#include "http/body_reader.h"

#include <algorithm>

namespace sallyport::http {

std::optional<Result<BodyPiece>> BodyReader::take() {
  finish_piece();
  if (done_) return Result<BodyPiece>(BodyPiece{.bytes = {}, .last = true});
  if (framing_ == Framing::chunked) return take_chunked();
  std::span<const std::byte> unread = input_.unread();
  if (unread.empty()) return std::nullopt;
  if (framing_ == Framing::length) {
    unread = unread.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, unread.size())));
    left_ -= unread.size();
    done_ = left_ == 0;
  }
  handed_out_ = unread.size();
  bytes_ += unread.size();
  return Result<BodyPiece>(BodyPiece{.bytes = unread, .last = done_});
}

std::optional<Result<BodyPiece>> BodyReader::take_chunked() {
  if (input_.unread().empty()) return std::nullopt;
  Result<ChunkDecoder::Step> step = decoder_.step(input_.unread());
  if (!step) return Result<BodyPiece>(stop(step));
  handed_out_ = step->consumed;
  bytes_ += step->data.size();
  done_ = step->done;
  if (step->data.empty() && !done_) {
    finish_piece();
    return std::nullopt;
  }
  return Result<BodyPiece>(BodyPiece{.bytes = step->data, .last = done_});
}

std::optional<BodyPiece> BodyReader::end_of_stream() {
  if (framing_ != Framing::until_close) return std::nullopt;
  done_ = true;
  return BodyPiece{.bytes = {}, .last = true};
}

}  // namespace sallyport::http
