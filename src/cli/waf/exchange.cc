#include "cli/waf/exchange.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/arena.h"
#include "base/text.h"
#include "http/head_parser.h"

namespace sallyport::cli::waf {
namespace {

// The next line without its end; `rest` goes on behind it.
std::string_view take_line(std::string_view& rest) {
  std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void read_request_line(std::string_view line, WebRequest& request) {
  while (line.starts_with(' ')) line.remove_prefix(1);
  std::size_t first = line.find(' ');
  request.method = line.substr(0, first);
  request.version = "0.9";  // what a line without a version means
  if (first == std::string_view::npos) return;
  std::string_view rest = line.substr(first + 1);
  // The version is what follows the last space, so that a URI may hold some.
  std::size_t last = rest.rfind(' ');
  request.uri = rest.substr(0, last);
  if (last == std::string_view::npos) return;
  std::string_view version = rest.substr(last + 1);
  if (version.empty()) return;
  constexpr std::string_view kProtocol = "HTTP/";
  if (version.starts_with(kProtocol)) version.remove_prefix(kProtocol.size());
  request.version = version;
}

void read_headers(std::string_view& rest, WebRequest& request) {
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (line.empty()) return;
    if ((line.front() == ' ' || line.front() == '\t') && !request.headers.empty()) {
      request.headers.back().value.append(" ").append(text::trim(line));
      continue;
    }
    std::size_t colon = line.find(':');
    std::string_view value =
        colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    request.headers.push_back(
        {.name = std::string(line.substr(0, colon)), .value = std::string(text::trim(value))});
  }
}

std::string unchunked(std::string_view rest) {
  std::string body;
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    std::size_t size = 0;
    auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (error != std::errc{} || size == 0) break;
    body += rest.substr(0, size);
    rest.remove_prefix(std::min(size, rest.size()));
    take_line(rest);
  }
  return body;
}

}  // namespace

const std::string* WebRequest::header(std::string_view name) const {
  for (const Header& each : headers) {
    if (text::equals_ignoring_case(each.name, name)) return &each.value;
  }
  return nullptr;
}

WebRequest read_request(std::string_view bytes) {
  WebRequest request;
  read_request_line(take_line(bytes), request);
  read_headers(bytes, request);
  const std::string* coding = request.header("transfer-encoding");
  const std::string* length = request.header("content-length");
  if (coding != nullptr && text::to_lower(*coding).contains("chunked")) {
    request.body = unchunked(bytes);
  } else if (length != nullptr) {
    request.body = bytes.substr(0, text::to_number(*length).value_or(bytes.size()));
  }
  return request;
}

unsigned refused_with(std::string_view bytes) {
  http::HeadScanner scanner;
  std::size_t size = scanner.scan(bytes);
  std::array<std::byte, 4096> block{};
  Arena arena(block);
  http::ParsedRequest parsed(arena);
  Result<Done> read = size == 0
                          ? http::check_incomplete_request(bytes, http::Limits{})
                          : http::parse_request(bytes.substr(0, size), http::Limits{},
                                                http::Underscores::allow, false, arena, parsed);
  return read ? 0U : read.error().reason->status;
}

}  // namespace sallyport::cli::waf
