// Framing is read byte by byte by a state machine, so that it may be cut anywhere; data is only
// counted. Trailers are gathered in the arena and parsed together at their end.
#include "http/chunked.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/chars.h"
#include "http/field_parser.h"

namespace sallyport::http {
namespace {

constexpr std::uint32_t kMostDigits = 16;
constexpr std::uint64_t kLargestChunk = ~std::uint64_t{0} >> 1;

// Fields without an id that have no business in a trailer: they steer the message's reading, its
// routing or its authentication (RFC 9110 6.5.1). Ones with an id are dropped but for ETag.
bool may_be_trailer(const Field& field) {
  if (field.id != HeaderId::unknown) return field.id == HeaderId::etag;
  static constexpr std::array<std::string_view, 9> kPrefixes{
      "x-forwarded-", "access-control-", "content-range", "content-location", "content-language",
      "sec-",         "proxy-",          "if-",           "x-http-method",
  };
  return std::ranges::none_of(kPrefixes, [&](std::string_view prefix) {
    return text::equals_ignoring_case(field.name().substr(0, prefix.size()), prefix);
  });
}

}  // namespace

ChunkDecoder::ChunkDecoder(const Limits& limits, Arena& arena, Blame sender)
    : limits_(limits),
      arena_(&arena),
      faults_(sender == Blame::upstream ? &reasons::kOfResponse : &reasons::kOfRequest),
      trailers_(arena) {}

Result<ChunkDecoder::Step> ChunkDecoder::step(std::span<const std::byte> input) {
  Step step;
  while (step.consumed < input.size() && state_ != State::done) {
    if (state_ == State::data) {
      if (!step.data.empty()) return step;
      std::uint64_t here = std::min<std::uint64_t>(left_, input.size() - step.consumed);
      step.data = input.subspan(step.consumed, static_cast<std::size_t>(here));
      step.consumed += step.data.size();
      left_ -= here;
      if (left_ == 0) state_ = State::data_return;
      continue;
    }
    const Reason* reason = framing_byte(static_cast<char>(input[step.consumed]));
    if (reason != nullptr) return stop(*reason);
    ++step.consumed;
  }
  step.done = state_ == State::done;
  return step;
}

const Headers* ChunkDecoder::trailers() const {
  return trailers_.size() != 0 ? &trailers_ : nullptr;
}

const Reason* ChunkDecoder::framing_byte(char c) {
  if (state_ <= State::size_line_feed && ++line_ > limits_.chunk_line) {
    return &faults_->chunk_line_too_long;
  }
  switch (state_) {
    case State::size_first:
    case State::size:
      return size_byte(c);
    case State::size_line_feed:
      return size_line_ended(c);
    case State::data_return:
      state_ = State::data_line_feed;
      return c == '\r' ? nullptr : &faults_->bad_chunk;
    case State::data_line_feed:
      state_ = State::size_first;
      return c == '\n' ? nullptr : &faults_->bad_chunk;
    case State::trailer_line:
    case State::trailer:
    case State::trailer_line_feed:
    case State::end_line_feed:
      return trailer_byte(c);
    default:
      return extension_byte(c);
  }
}

const Reason* ChunkDecoder::size_byte(char c) {
  if (is(c, kHexDigit)) {
    if (++digits_ > kMostDigits) return &faults_->bad_chunk_size;
    left_ = left_ * 16 + hex_value(c);
    state_ = State::size;
    return nullptr;
  }
  if (state_ == State::size_first || left_ > kLargestChunk) return &faults_->bad_chunk_size;
  if (c == '\r') {
    state_ = State::size_line_feed;
    return nullptr;
  }
  state_ = State::extension_start;
  return c == ';' ? nullptr : &faults_->bad_chunk_size;
}

const Reason* ChunkDecoder::size_line_ended(char c) {
  if (c != '\n') return &faults_->bad_line_end;
  state_ = left_ != 0 ? State::data : State::trailer_line;
  line_ = 0;
  digits_ = 0;
  return nullptr;
}

// RFC 9112 7.1.1 without the blanks around ";" and "=" that only old senders write, but for those
// behind ";".
const Reason* ChunkDecoder::extension_byte(char c) {
  if (++overhead_ > limits_.chunk_overhead) return &faults_->chunk_overhead;
  switch (state_) {
    case State::extension_start:
      if (c == ' ' || c == '\t') return nullptr;
      state_ = State::extension_name;
      return is(c, kTokenChar) ? nullptr : &faults_->bad_chunk_extension;
    case State::extension_name:
      if (is(c, kTokenChar)) return nullptr;
      if (c != '=') return end_of_extension(c);
      state_ = State::extension_value_start;
      return nullptr;
    case State::extension_value_start:
      state_ = c == '"' ? State::quoted : State::extension_value;
      return c == '"' || is(c, kTokenChar) ? nullptr : &faults_->bad_chunk_extension;
    case State::extension_value:
      return is(c, kTokenChar) ? nullptr : end_of_extension(c);
    case State::quoted:
      if (c == '"') state_ = State::extension_end;
      if (c == '\\') state_ = State::quoted_escape;
      return c == '"' || c == '\\' || is(c, kQuotedChar) ? nullptr : &faults_->bad_chunk_extension;
    case State::quoted_escape:
      state_ = State::quoted;
      return c == '"' || c == '\\' || is(c, kQuotedChar) ? nullptr : &faults_->bad_chunk_extension;
    default:
      return end_of_extension(c);
  }
}

const Reason* ChunkDecoder::end_of_extension(char c) {
  state_ = c == ';' ? State::extension_start : State::size_line_feed;
  return c == ';' || c == '\r' ? nullptr : &faults_->bad_chunk_extension;
}

const Reason* ChunkDecoder::trailer_byte(char c) {
  if (const Reason* reason = count_trailer_byte(c)) return reason;
  switch (state_) {
    case State::trailer_line:
      state_ = c == '\r' ? State::end_line_feed : State::trailer;
      return c == '\n' ? &faults_->bad_line_end : nullptr;
    case State::trailer:
      if (c == '\r') state_ = State::trailer_line_feed;
      return c == '\n' ? &faults_->bad_line_end : nullptr;
    case State::trailer_line_feed:
      state_ = State::trailer_line;
      return c == '\n' ? nullptr : &faults_->bad_line_end;
    default:
      if (c != '\n') return &faults_->bad_line_end;
      state_ = State::done;
      return parse_trailers();
  }
}

// Keeps the byte, within the limit. The two of the final CRLF do not count.
const Reason* ChunkDecoder::count_trailer_byte(char c) {
  if (trailer_size_ == limits_.trailer_bytes + 2) return &faults_->trailers_too_large;
  if (trailer_size_ == trailer_capacity_) {
    trailer_capacity_ = std::max<std::size_t>(trailer_capacity_ * 2, 64);
    char* grown = arena_->chars(trailer_capacity_);
    if (trailer_size_ != 0) std::memcpy(grown, trailer_bytes_, trailer_size_);
    trailer_bytes_ = grown;
  }
  trailer_bytes_[trailer_size_++] = c;
  return nullptr;
}

const Reason* ChunkDecoder::parse_trailers() {
  if (trailer_size_ == 2) return nullptr;
  FieldParser parser({trailer_bytes_, trailer_size_}, limits_, *faults_);
  FieldBuffer fields(*arena_);
  std::size_t lines = 0;
  for (;;) {
    Field& field = fields.room();
    if (!parser.next(field)) break;
    if (++lines > limits_.trailer_count) return &faults_->trailers_too_large;
    if (field.id == HeaderId::content_length || field.id == HeaderId::transfer_encoding) {
      return &faults_->framing_in_trailer;
    }
    if (may_be_trailer(field) && !parser.underscore()) fields.keep();
  }
  if (parser.reason() != nullptr) return parser.reason();
  if (fields.size() != 0) fields.move_to(trailers_);
  return nullptr;
}

std::size_t write_chunk_size(char* out, std::uint64_t size) {
  static constexpr char kHex[] = "0123456789abcdef";
  int shift = 60;
  while (shift > 0 && (size >> shift) == 0) shift -= 4;
  char* p = out;
  for (; shift >= 0; shift -= 4) *p++ = kHex[(size >> shift) & 15];
  *p++ = '\r';
  *p++ = '\n';
  return static_cast<std::size_t>(p - out);
}

}  // namespace sallyport::http
