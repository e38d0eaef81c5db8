// Chunked transfer coding, strict (RFC 9112 7.1): decoding without copying, encoding of sizes.
//
// Pure: no I/O. Trailers are parsed with the head's rules; framing fields among them are an error,
// other fields that may not be trailers are dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/result.h"
#include "http/headers.h"
#include "http/limits.h"
#include "http/reasons.h"

namespace sallyport::http {

class ChunkDecoder {
 public:
  // The decoder is used for one message. `arena` receives the trailers. `sender` decides whose
  // fault malformed chunks are: a client's (400) or an upstream's (502).
  ChunkDecoder(const Limits& limits, Arena& arena, Blame sender = Blame::client);

  struct Step {
    std::size_t consumed = 0;         // bytes of the input that are dealt with
    std::span<const std::byte> data;  // body bytes among them, a view into the input
    bool done = false;                // the message ended at `consumed`
  };

  // Reads one run of body bytes with the framing before and behind it; call again with the rest of
  // the input while there is one. The input may be cut anywhere: framing is always consumed as far
  // as it goes, so nothing has to be kept for the next call. All of it consumed without `done`:
  // more input is needed. Not to be called again after `done` or an error.
  [[nodiscard]] Result<Step> step(std::span<const std::byte> input);

  // Null without trailers, and before `done`. Trailers with an underscore in their name are
  // dropped.
  [[nodiscard]] const Headers* trailers() const;

 private:
  // What the next byte is: see `framing_byte`.
  enum class State : std::uint8_t {
    size_first,
    size,
    extension_start,
    extension_name,
    extension_value_start,
    extension_value,
    quoted,
    quoted_escape,
    extension_end,
    size_line_feed,
    data,
    data_return,
    data_line_feed,
    trailer_line,
    trailer,
    trailer_line_feed,
    end_line_feed,
    done,
  };

  const Reason* framing_byte(char c);
  const Reason* size_byte(char c);
  const Reason* extension_byte(char c);
  const Reason* trailer_byte(char c);
  const Reason* end_of_extension(char c);
  const Reason* size_line_ended(char c);
  const Reason* count_trailer_byte(char c);
  const Reason* parse_trailers();

  Limits limits_;
  Arena* arena_;
  const reasons::Shared* faults_;
  Headers trailers_;
  State state_ = State::size_first;
  std::uint64_t left_ = 0;         // size being read, then data bytes of the chunk still to come
  std::uint32_t line_ = 0;         // bytes of the size line so far
  std::uint32_t digits_ = 0;       // of the size
  std::size_t overhead_ = 0;       // bytes of extensions so far
  char* trailer_bytes_ = nullptr;  // the trailer section as far as it has come
  std::size_t trailer_size_ = 0;
  std::size_t trailer_capacity_ = 0;
};

// Writes `size` in hexadecimal and CRLF to `out` (at least 18 bytes); returns the length.
[[nodiscard]] std::size_t write_chunk_size(char* out, std::uint64_t size);

}  // namespace sallyport::http
