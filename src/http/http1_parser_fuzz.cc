// Requests, responses and chunked bodies from any bytes. Beyond not crashing: what is accepted is
// written anew and must be read as the same message, and a body decodes alike however it is cut.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/fuzzing.h"
#include "http/chunked.h"
#include "http/head_parser.h"
#include "http/message_writer.h"

namespace sallyport::http {
namespace {

using fuzzing::require;

using Lines = std::vector<std::string>;

Lines lines_of(const Headers& headers) {
  Lines out;
  for (const Field& field : headers) {
    if (!field.removed) {
      out.push_back(std::string(field.name()) + ": " + std::string(field.value()));
    }
  }
  return out;
}

struct Decoded {
  bool failed = false;
  bool done = false;
  std::string body;
  Lines trailers;
  std::size_t consumed = 0;
};

// Cuts the bytes into pieces whose sizes `cuts` gives in turn.
Decoded decode(std::string_view bytes, std::string_view cuts) {
  alignas(8) std::array<std::byte, 256> block;
  Arena arena(block);
  ChunkDecoder decoder(Limits{}, arena);
  Decoded out;
  for (std::size_t turn = 0; out.consumed < bytes.size() && !out.done; ++turn) {
    std::size_t size =
        cuts.empty() ? bytes.size() : static_cast<unsigned char>(cuts[turn % cuts.size()]) + 1U;
    std::string piece(bytes.substr(out.consumed, size));
    std::span<const std::byte> rest = std::as_bytes(std::span(piece));
    while (!rest.empty() && !out.done) {
      Result<ChunkDecoder::Step> step = decoder.step(rest);
      if (!step) {
        out.failed = true;
        return out;
      }
      require(step->consumed > 0 && step->consumed <= rest.size());
      require(step->data.size() <= step->consumed);
      out.body.append(reinterpret_cast<const char*>(step->data.data()), step->data.size());
      out.consumed += step->consumed;
      out.done = step->done;
      rest = rest.subspan(step->consumed);
    }
  }
  if (decoder.trailers() != nullptr) out.trailers = lines_of(*decoder.trailers());
  return out;
}

void check_chunks(std::string_view bytes) {
  std::string_view cuts = bytes.substr(0, std::min<std::size_t>(bytes.size(), 4));
  Decoded whole = decode(bytes, {});
  for (std::string_view cut : {std::string_view("\0", 1), cuts}) {
    Decoded cut_up = decode(bytes, cut);
    require(cut_up.failed == whole.failed);
    if (whole.failed) continue;  // how much data came before an error depends on the cuts
    require(cut_up.done == whole.done && cut_up.body == whole.body);
    require(cut_up.trailers == whole.trailers && cut_up.consumed == whole.consumed);
  }
}

std::string write(const Headers& headers) {
  std::string out(fields_size(headers), '\0');
  require(write_fields(out.data(), headers) == out.data() + out.size());
  return out;
}

// A request as a gateway would send it on: the model's own words, framing and Host set anew.
std::string write(const ParsedRequest& parsed) {
  const Request& r = parsed.request;
  std::string out(r.method.size() + r.path.size() + r.query.size() + 16, '\0');
  char* end = write_request_line(out.data(), r.method, r.path, r.has_query, r.query);
  out.resize(static_cast<std::size_t>(end - out.data()));
  out += write(r.headers);
  if (r.headers.find(HeaderId::host) == nullptr) {
    out += "Host: " + (r.authority.empty() ? "none" : std::string(r.authority)) + "\r\n";
  }
  if (parsed.framing == Framing::chunked) out += "Transfer-Encoding: chunked\r\n";
  return out + "\r\n";
}

void check_request(std::string_view bytes) {
  Limits limits;
  Limits roomy = limits;  // the way the gateway writes it may be longer by a few bytes
  roomy.request_line += 16;
  roomy.header_field += 16;
  roomy.header_bytes += 4096;
  roomy.header_count += 2;
  HeadScanner scanner;
  std::size_t size = scanner.scan(bytes);
  if (size == 0) {
    (void)check_incomplete_request(bytes, limits);
    return;
  }
  HeadScanner slow;
  for (std::size_t i = 1; i < size; ++i) require(slow.scan(bytes.substr(0, i)) == 0);
  require(slow.scan(bytes.substr(0, size)) == size);

  alignas(8) std::array<std::byte, 1024> block;
  Arena arena(block);
  std::string head(bytes.substr(0, size));
  ParsedRequest first(arena);
  if (!parse_request(head, limits, Underscores::drop, false, arena, first)) return;
  // Whatever is accepted whole was never refused while it arrived.
  for (std::size_t i = 0; i < size; ++i) {
    require(check_incomplete_request(bytes.substr(0, i), limits).has_value());
  }

  std::string again = write(first);
  ParsedRequest second(arena);
  require(parse_request(again, roomy, Underscores::refuse, false, arena, second).has_value());
  const Request& a = first.request;
  const Request& b = second.request;
  require(a.method == b.method && a.method_id == b.method_id && a.path == b.path);
  require(a.has_query == b.has_query && a.query == b.query);
  require(a.host.empty() || (a.host == b.host && a.authority == b.authority));
  require(a.content_length == b.content_length && first.framing == second.framing);
  std::string once_more = write(second);
  require(again == once_more);
  if (first.framing == Framing::chunked) check_chunks(bytes.substr(size));
}

void check_response(std::string_view bytes) {
  HeadScanner scanner;
  std::size_t size = scanner.scan(bytes);
  if (size == 0) return;
  alignas(8) std::array<std::byte, 1024> block;
  Arena arena(block);
  std::string head(bytes.substr(0, size));
  for (Method method : {Method::get, Method::head}) {
    ParsedResponse first(arena);
    if (!parse_response(head, method, Limits{}, arena, first)) continue;
    std::string again(64, '\0');
    char* end = write_status_line(again.data(), first.response.status);
    again.resize(static_cast<std::size_t>(end - again.data()));
    again += write(first.response.headers);
    if (first.framing == Framing::chunked) again += "Transfer-Encoding: chunked\r\n";
    again += "\r\n";
    ParsedResponse second(arena);
    Limits roomy;
    roomy.header_bytes += 4096;
    roomy.header_field += 16;
    roomy.header_count += 1;
    require(parse_response(again, method, roomy, arena, second).has_value());
    require(first.response.status == second.response.status);
    require(first.framing == second.framing);
    require(first.response.content_length == second.response.content_length);
    Lines kept = lines_of(first.response.headers);
    require(kept == lines_of(second.response.headers));
  }
}

}  // namespace
}  // namespace sallyport::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  sallyport::http::check_request(bytes);
  sallyport::http::check_response(bytes);
  sallyport::http::check_chunks(bytes);
  return 0;
}
