// What a request head costs: found, parsed, written anew.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include "base/arena.h"
#include "http/head_parser.h"
#include "http/message_writer.h"

namespace sallyport::http {
namespace {

constexpr std::string_view kSmall =
    "GET /orders/12345?expand=items HTTP/1.1\r\n"
    "Host: api.example.com\r\n"
    "User-Agent: curl/8.5.0\r\n"
    "Accept: */*\r\n"
    "Authorization: Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl\r\n"
    "Content-Type: application/json\r\n"
    "X-Trace: 4bf92f3577b34da6a3ce929d0e0e4736\r\n"
    "\r\n";

constexpr std::string_view kBrowser =
    "GET /static/../orders/%7Euser/list?page=2&sort=-created HTTP/1.1\r\n"
    "Host: shop.example.com\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "Origin: https://shop.example.com\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Referer: https://shop.example.com/orders\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n"
    "\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "Server: origin\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 1024\r\n"
    "Connection: keep-alive\r\n"
    "\r\n";

void scan_and_parse(benchmark::State& state, std::string_view head) {
  alignas(8) std::array<std::byte, 4096> block;
  Limits limits;
  for (auto _ : state) {
    Arena arena(block);
    HeadScanner scanner;
    benchmark::DoNotOptimize(scanner.scan(head));
    ParsedRequest out(arena);
    Result<Done> parsed = parse_request(head, limits, Underscores::drop, false, arena, out);
    if (!parsed) std::abort();
    benchmark::DoNotOptimize(out);
  }
}

void parses_an_answer(benchmark::State& state) {
  alignas(8) std::array<std::byte, 4096> block;
  Limits limits;
  for (auto _ : state) {
    Arena arena(block);
    ParsedResponse out(arena);
    Result<Done> parsed = parse_response(kResponse, Method::get, limits, arena, out);
    if (!parsed) std::abort();
    benchmark::DoNotOptimize(out);
  }
}

void writes_fields(benchmark::State& state) {
  alignas(8) std::array<std::byte, 4096> block;
  Arena arena(block);
  ParsedRequest parsed(arena);
  Result<Done> done = parse_request(kSmall, Limits{}, Underscores::drop, false, arena, parsed);
  if (!done) std::abort();
  parsed.request.headers.set(HeaderId::host, "10.0.0.1:9000");
  parsed.request.headers.add(HeaderId::x_request_id, "0123456789abcdef0123456789abcdef");
  std::array<char, 2048> out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(fields_size(parsed.request.headers));
    benchmark::DoNotOptimize(write_fields(out.data(), parsed.request.headers));
  }
}

BENCHMARK_CAPTURE(scan_and_parse, six_fields, kSmall);
BENCHMARK_CAPTURE(scan_and_parse, browser, kBrowser);
BENCHMARK(parses_an_answer);
BENCHMARK(writes_fields);

}  // namespace
}  // namespace sallyport::http
