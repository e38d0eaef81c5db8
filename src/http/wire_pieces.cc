#include "http/wire_pieces.h"

#include <cstring>

#include "http/chunked.h"
#include "http/message_writer.h"

namespace sallyport::http {
namespace {

// What ends a chunked body: the CRLF of the data before it, if there is some, the last chunk, and
// the trailers, if any. In `arena`, or static.
std::string_view last_chunk(Arena& arena, const Headers* trailers, bool after_data) {
  std::string_view end_of_data = after_data ? "\r\n0\r\n" : "0\r\n";
  if (trailers == nullptr) return after_data ? "\r\n0\r\n\r\n" : "0\r\n\r\n";
  char* text = arena.chars(fields_size(*trailers) + 16);
  std::memcpy(text, end_of_data.data(), end_of_data.size());
  char* end = write_fields(text + end_of_data.size(), *trailers);
  std::memcpy(end, "\r\n", 2);
  return {text, static_cast<std::size_t>(end + 2 - text)};
}

}  // namespace

void WirePieces::add(std::string_view text) {
  if (text.empty()) return;
  // Sends do not write to it.
  pieces_.at(count_++) = {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  size_ += text.size();
}

void WirePieces::add_chunk(const BodyPiece& piece, const Body& body, Arena& arena) {
  bool data = !piece.bytes.empty();
  if (data) {
    add({size_line_.data(), write_chunk_size(size_line_.data(), piece.bytes.size())});
    add(piece.bytes);
  }
  if (piece.last) {
    add(last_chunk(arena, body.trailers(), data));
  } else if (data) {
    add("\r\n");
  }
}

}  // namespace sallyport::http
