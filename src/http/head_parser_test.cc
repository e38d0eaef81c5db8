#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "http/reasons.h"

namespace sallyport::http {
namespace {

// Parses copies of exactly the given size, so that the sanitizer sees any byte read beyond them.
class HeadParserTest : public testing::Test {
 protected:
  Result<Done> parse(std::string_view head, Underscores underscores = Underscores::drop) {
    head_ = std::string(head);
    head_.shrink_to_fit();
    request_.emplace(arena_);
    return parse_request(head_, limits_, underscores, false, arena_, *request_);
  }
  Result<Done> answer(std::string_view head, Method method = Method::get) {
    head_ = std::string(head);
    head_.shrink_to_fit();
    response_.emplace(arena_);
    return parse_response(head_, method, limits_, arena_, *response_);
  }

  void expect_refused(std::string_view head, const Reason& reason) {
    Result<Done> parsed = parse(head);
    ASSERT_FALSE(parsed.has_value()) << head;
    EXPECT_EQ(parsed.error().reason->code, reason.code) << head;
  }
  void expect_answer_refused(std::string_view head, const Reason& reason) {
    Result<Done> parsed = answer(head);
    ASSERT_FALSE(parsed.has_value()) << head;
    EXPECT_EQ(parsed.error().reason->code, reason.code) << head;
    EXPECT_EQ(parsed.error().reason->blame, Blame::upstream);
  }
  const Request& accepted(std::string_view head) {
    Result<Done> parsed = parse(head);
    EXPECT_TRUE(parsed.has_value()) << head << " " << parsed.error().reason->code;
    return request_->request;
  }

  // "Name: value" of the fields that go on.
  static std::vector<std::string> kept(const Headers& headers) {
    std::vector<std::string> out;
    for (const Field& field : headers) {
      if (!field.removed)
        out.push_back(std::string(field.name()) + ": " + std::string(field.value()));
    }
    return out;
  }

  Limits limits_;
  alignas(8) std::array<std::byte, 4096> block_;
  Arena arena_{block_};
  std::string head_;
  std::optional<ParsedRequest> request_;
  std::optional<ParsedResponse> response_;
};

// A request to h with the given lines.
std::string with(std::string_view lines, std::string_view start = "GET / HTTP/1.1") {
  return std::string(start) + "\r\nHost: h\r\n" + std::string(lines) + "\r\n";
}

TEST_F(HeadParserTest, ARequestIsFilledIn) {
  const Request& r = accepted(
      "POST /a/../b?c=d HTTP/1.1\r\nHOST: Api.Example:8080\r\nContent-Length: 5\r\n"
      "X-Custom:\t v  w \t\r\n\r\n");
  EXPECT_EQ(r.method, "POST");
  EXPECT_EQ(r.method_id, Method::post);
  EXPECT_EQ(r.path, "/b");
  EXPECT_TRUE(r.has_query);
  EXPECT_EQ(r.query, "c=d");
  EXPECT_EQ(r.host, "api.example");
  EXPECT_EQ(r.authority, "api.example:8080");
  EXPECT_EQ(r.version, Version::http_1_1);
  EXPECT_EQ(r.content_length, 5U);
  EXPECT_EQ(request_->framing, Framing::length);
  EXPECT_TRUE(r.keep_alive);
  EXPECT_FALSE(r.expects_continue);
  EXPECT_EQ(kept(r.headers), (std::vector<std::string>{"HOST: Api.Example:8080",
                                                       "Content-Length: 5", "X-Custom: v  w"}));
  EXPECT_EQ(r.headers.get(HeaderId::content_length), "5");
}

TEST_F(HeadParserTest, RequestLinesAreStrict) {
  using namespace reasons;
  const std::string rest = "\r\nHost: h\r\n\r\n";
  for (const auto& [line, reason] : std::vector<std::pair<std::string, const Reason*>>{
           {"", &kBadMethod},
           {" / HTTP/1.1", &kBadMethod},
           {"get / HTTP/1.1", &kBadMethod},
           {"Get / HTTP/1.1", &kBadMethod},
           {"GE(T / HTTP/1.1", &kBadMethod},
           {"GET: / HTTP/1.1", &kBadMethod},
           {"GET\t/ HTTP/1.1", &kBadMethod},
           {std::string("GE\0T / HTTP/1.1", 15), &kBadMethod},
           {"\x16\x03\x01", &kTlsOnPlainPort},
           {"GET", &kBadMethod},
           {"GET ", &kBadRequestLine},
           {"GET /", &kBadRequestLine},
           {"GET  / HTTP/1.1", &kBadRequestLine},
           {"GET  HTTP/1.1", &kBadRequestLine},
           {"GET /  HTTP/1.1", &kBadVersion},
           {"GET / ", &kBadVersion},
           {"GET /\tHTTP/1.1", &kBadTargetCharacter},
           {"GET / HTTP/1.1 ", &kBadVersion},
           {"GET / HTTP/1.0 HTTP/1.1", &kBadVersion},
           {"GET / HTTP/1", &kBadVersion},
           {"GET / HTTP/1.", &kBadVersion},
           {"GET / HTTP/11.1", &kBadVersion},
           {"GET / HTTP/1.10", &kBadVersion},
           {"GET / HTTP/1,1", &kBadVersion},
           {"GET / http/1.1", &kBadVersion},
           {"GET / HTTPS/1.1", &kBadVersion},
           {"GET / ICE/1.0", &kBadVersion},
           {"GET / HTTP/1.1\r", &kBadLineEnd},
           {"GET / HTTP/2.0", &kVersionNotSupported},
           {"GET / HTTP/0.9", &kVersionNotSupported},
           {"PRI * HTTP/2.0", &kVersionNotSupported},
           {"CONNECT h:443 HTTP/1.1", &kMethodRefused},
           {"TRACE / HTTP/1.1", &kMethodRefused},
           {"TRACK / HTTP/1.1", &kMethodRefused},
           {"GET * HTTP/1.1", &kBadTarget},
           {"GET /%2e%2e/ HTTP/1.1", &kPathAboveRoot},
       }) {
    if (line.empty()) continue;  // that would be an empty line, see below
    expect_refused(line + rest, *reason);
  }
  expect_refused("GET / HTTP/1.1\nHost: h\r\n\r\n", kBadLineEnd);
  expect_refused("GET / HTTP/1.1\n", kBadLineEnd);
  EXPECT_EQ(accepted("GET / HTTP/1.0" + rest).version, Version::http_1_0);
  EXPECT_EQ(accepted("GET / HTTP/1.9" + rest).version, Version::http_1_1);
  EXPECT_EQ(accepted("M-SEARCH / HTTP/1.1" + rest).method_id, Method::other);
  EXPECT_EQ(accepted("OPTIONS * HTTP/1.1" + rest).path, "*");
}

TEST_F(HeadParserTest, UpToThreeEmptyLinesMayComeFirst) {
  const std::string head = with("");
  for (int lines = 0; lines <= 4; ++lines) {
    std::string bytes;
    for (int i = 0; i < lines; ++i) bytes += "\r\n";
    bytes += head;
    HeadScanner scanner;
    std::size_t size = scanner.scan(bytes);
    if (lines <= 3) {
      EXPECT_EQ(size, bytes.size());
      EXPECT_EQ(accepted(bytes).host, "h");
    } else {
      ASSERT_EQ(size, 8U);
      expect_refused(bytes.substr(0, size), reasons::kEmptyLines);
    }
  }
}

TEST_F(HeadParserTest, LinesAndFieldsAreStrict) {
  using namespace reasons;
  for (const auto& [lines, reason] : std::vector<std::pair<std::string, const Reason*>>{
           {"X-A: b\n", &kBadLineEnd},
           {"X-A: b\r", &kBadLineEnd},
           {"X-A: b\rX-B: c\r\n", &kBadLineEnd},
           {"X-A: b\r\r\n", &kBadLineEnd},
           {"X-A\r: b\r\n", &kBadLineEnd},
           {"X-A\n: b\r\n", &kBadLineEnd},
           {"X-A: b\r\n c\r\n", &kFoldedField},
           {"X-A: b\r\n\tc\r\n", &kFoldedField},
           {"X-A: b\r\n \r\n", &kFoldedField},
           {"X-A : b\r\n", &kSpaceBeforeColon},
           {"X-A\t : b\r\n", &kSpaceBeforeColon},
           {"Transfer-Encoding : chunked\r\n", &kSpaceBeforeColon},
           {"X A: b\r\n", &kBadFieldName},
           {": b\r\n", &kBadFieldName},
           {"X(A): b\r\n", &kBadFieldName},
           {"X@: b\r\n", &kBadFieldName},
           {"\"X\": b\r\n", &kBadFieldName},
           {"X\xc3\xa9: b\r\n", &kBadFieldName},
           {std::string("X\0A: b\r\n", 8), &kBadFieldName},
           {"nonsense\r\n", &kFieldWithoutColon},
           {"nonsense\r\nX-A: b\r\n", &kFieldWithoutColon},
           {"bad name\r\nX-A: b\r\n", &kFieldWithoutColon},
           {"X-A: b\x07\r\n", &kBadFieldValue},
           {"X-A: b\x0b\r\n", &kBadFieldValue},
           {"X-A: \x0c\r\n", &kBadFieldValue},
           {"X-A: b\x7f\r\n", &kBadFieldValue},
           {std::string("X-A: b\0\r\n", 9), &kBadFieldValue},
           {"X-A: 0123456789abcdef0123456789abcdef\x01"
            "0123456789abcdef\r\n",
            &kBadFieldValue},
       }) {
    expect_refused(with(lines), *reason);
  }
  expect_refused("GET / HTTP/1.1\r\n Host: h\r\n\r\n", kFoldedField);
  for (std::string_view cut : {"GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\n",
                               "GET / HTTP/1.1\r\nHost: h", "GET / HTTP/1.1\r\nHost: h\r\n\r"}) {
    expect_refused(cut, kTruncatedHead);
  }
  EXPECT_EQ(
      kept(
          accepted(with("X-A: caf\xe9\tb\r\n!#$%&'*+-.^`|~09azAZ:x\r\nX-B:\r\nX-C: \r\n")).headers),
      (std::vector<std::string>{"Host: h", "X-A: caf\xe9\tb", "!#$%&'*+-.^`|~09azAZ: x",
                                "X-B: ", "X-C: "}));
}

TEST_F(HeadParserTest, EveryByteOfAValueIsJudgedTheSameWhereverItStands) {
  for (unsigned c = 0; c < 256; ++c) {
    bool good = c == '\t' || (c >= 0x20 && c != 0x7F);
    for (std::size_t at : {0U, 1U, 14U, 15U, 16U, 17U, 31U, 40U}) {
      std::string value(41, 'v');
      value[at] = static_cast<char>(c);
      EXPECT_EQ(parse(with("X-A: " + value + "\r\n")).has_value(), good) << c << " at " << at;
      EXPECT_EQ(parse(with("X-A:" + value + "\r\nX-Last: 1\r\n")).has_value(), good)
          << c << " at " << at;
    }
  }
}

TEST_F(HeadParserTest, HostIsNeededOnceAndWellFormed) {
  using namespace reasons;
  auto request = [](std::string_view target, std::string_view version, std::string_view lines) {
    return "GET " + std::string(target) + " HTTP/" + std::string(version) + "\r\n" +
           std::string(lines) + "\r\n";
  };
  expect_refused(request("/", "1.1", ""), kMissingHost);
  expect_refused(request("http://h/", "1.1", ""), kMissingHost);
  expect_refused(request("/", "1.1", "Host: h\r\nHost: h\r\n"), kDuplicateField);
  expect_refused(request("/", "1.0", "Host: h\r\nhost: i\r\n"), kDuplicateField);
  expect_refused(request("/", "1.1", "Host:\r\n"), kBadHost);
  expect_refused(request("/", "1.0", "Host:\r\n"), kBadHost);
  expect_refused(request("/", "1.1", "Host: h, i\r\n"), kBadHost);
  expect_refused(request("/", "1.1", "Host: u@h\r\n"), kBadHost);
  expect_refused(request("http://i/", "1.1", "Host: h\r\n"), kHostMismatch);
  expect_refused(request("http://h:8080/", "1.1", "Host: h\r\n"), kHostMismatch);
  expect_refused(request("http://h/", "1.1", "Host: h:443\r\n"), kHostMismatch);
  expect_refused(request("http://h/", "1.1", "Host: h:0\r\n"), kHostMismatch);
  EXPECT_EQ(accepted(request("http://H:80/a", "1.1", "Host: h\r\n")).path, "/a");
  EXPECT_EQ(accepted(request("https://h/a", "1.1", "Host: h:443\r\n")).authority, "h:443");
  EXPECT_EQ(accepted(request("/", "1.0", "")).host, "");
  EXPECT_EQ(accepted(request("http://H:81/", "1.0", "")).authority, "h:81");
  EXPECT_EQ(request_->request.host, "h");
}

TEST_F(HeadParserTest, FramingIsUnambiguous) {
  using namespace reasons;
  for (const auto& [lines, reason] : std::vector<std::pair<std::string, const Reason*>>{
           {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", &kConflictingFraming},
           {"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", &kConflictingFraming},
           {"Transfer-Encoding:\r\nContent-Length: 5\r\n", &kConflictingFraming},
           {"Content-Length: 5\r\nContent-Length: 5\r\n", &kDuplicateContentLength},
           {"Content-Length: 5\r\ncontent-length: 6\r\n", &kDuplicateContentLength},
           {"Content-Length: 5, 5\r\n", &kBadContentLength},
           {"Content-Length:\r\n", &kBadContentLength},
           {"Content-Length: -1\r\n", &kBadContentLength},
           {"Content-Length: +1\r\n", &kBadContentLength},
           {"Content-Length: 0x5\r\n", &kBadContentLength},
           {"Content-Length: 5 0\r\n", &kBadContentLength},
           {"Content-Length: 5.0\r\n", &kBadContentLength},
           {"Content-Length: 5e0\r\n", &kBadContentLength},
           {"Content-Length: 1_0\r\n", &kBadContentLength},
           {"Content-Length: \xd9\xa5\r\n", &kBadContentLength},
           {"Content-Length: 9223372036854775808\r\n", &kBadContentLength},
           {"Content-Length: 18446744073709551621\r\n", &kBadContentLength},
           {"Content-Length: 99999999999999999999999\r\n", &kBadContentLength},
           {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", &kDuplicateField},
           {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", &kDuplicateField},
           {"Transfer-Encoding:\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: ,\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: xchunked\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: chunkedchunked\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: chunked, identity\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: chunked, chunked\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: chunked;q=1\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: \"chunked\"\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: chunk ed\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: \xa0"
            "chunked\r\n",
            &kBadTransferEncoding},
           {"Transfer-Encoding: gzip\r\n", &kBadTransferEncoding},
           {"Transfer-Encoding: gzip, chunked\r\n", &kUnknownTransferCoding},
           {"Transfer-Encoding: identity,chunked\r\n", &kUnknownTransferCoding},
       }) {
    expect_refused(with(lines, "POST / HTTP/1.1"), *reason);
  }
  expect_refused(with("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"),
                 kTransferEncodingInHttp10);
  for (std::string_view coding : {"chunked", "CHUNKED", "\tchunked \t", "chunked,", ", chunked"}) {
    accepted(with("Transfer-Encoding: " + std::string(coding) + "\r\n", "POST / HTTP/1.1"));
    EXPECT_EQ(request_->framing, Framing::chunked);
    EXPECT_FALSE(request_->request.content_length.has_value());
    EXPECT_EQ(request_->request.headers.find(HeaderId::transfer_encoding), nullptr);
  }
  EXPECT_EQ(accepted(with("Content-Length: 9223372036854775807\r\n")).content_length,
            9223372036854775807U);
  EXPECT_EQ(accepted(with("Content-Length: \t 005 \t\r\n")).content_length, 5U);
  EXPECT_EQ(request_->request.headers.get(HeaderId::content_length), "5");
  EXPECT_EQ(accepted(with("Content-Length: 000\r\n")).content_length, 0U);
  EXPECT_EQ(request_->request.headers.get(HeaderId::content_length), "0");
  EXPECT_EQ(request_->framing, Framing::none);
  EXPECT_FALSE(accepted(with("", "POST / HTTP/1.1")).content_length.has_value());
  EXPECT_EQ(request_->framing, Framing::none);
}

TEST_F(HeadParserTest, FieldsThatMayStandOnceDo) {
  for (std::string_view name :
       {"Content-Type", "Authorization", "Expect", "Upgrade", "Range", "Origin", "Referer",
        "If-Range", "Max-Forwards", "Sec-WebSocket-Key", "Proxy-Authorization"}) {
    std::string line = std::string(name) + ": 100-continue\r\n";
    expect_refused(with(line + line), reasons::kDuplicateField);
  }
  for (std::string_view name : {"Accept", "Cookie", "X-Forwarded-For", "Via", "X-Any"}) {
    std::string line = std::string(name) + ": a\r\n";
    EXPECT_EQ(kept(accepted(with(line + line)).headers).size(), 3U);
  }
}

TEST_F(HeadParserTest, WhatIsForThisHopOnlyIsRemoved) {
  const Request& r = accepted(
      with("Connection: X-Hop , keep-alive,, TE, HTTP2-Settings\r\nConnection: x-other\r\n"
           "X-Hop: 1\r\nx-hop: 2\r\nX-Other: 3\r\nX-Kept: 4\r\nKeep-Alive: 300\r\nTE: trailers\r\n"
           "Proxy-Connection: close\r\nProxy-Authorization: Basic x\r\nHTTP2-Settings: AAM\r\n"
           "Trailer: X-Sum\r\nUpgrade: h2c\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(kept(r.headers), (std::vector<std::string>{"Host: h", "X-Kept: 4"}));
  EXPECT_FALSE(r.upgrade_websocket);
  EXPECT_FALSE(r.expects_continue) << "there is no body to wait for";
  accepted(with("Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n"));
  EXPECT_EQ(request_->request.headers.get(HeaderId::trailer), "X-Sum");
  accepted(with("Connection: trailer\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n"));
  EXPECT_EQ(request_->request.headers.find(HeaderId::trailer), nullptr);
}

TEST_F(HeadParserTest, ConnectionMayNotNameEndToEndFields) {
  for (std::string_view name :
       {"Content-Length", "transfer-encoding", "HOST", "Authorization", "Cookie", "Content-Type",
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Whatever", "X-Real-IP", "X-Request-Id",
        "traceparent", "tracestate", "Expect", "Date", "Set-Cookie", "Cache-Control", "Origin"}) {
    expect_refused(with("Connection: close, " + std::string(name) + "\r\n"),
                   reasons::kConnectionNamesEndToEnd);
  }
  for (std::string_view option : {"a b", "\"close\"", "close;x", "a:b", "a\xe9"}) {
    expect_refused(with("Connection: " + std::string(option) + "\r\n"), reasons::kBadConnection);
  }
  std::string many = "Connection: a";
  for (int i = 0; i < 32; ++i) many += ",b";
  expect_refused(with(many + "\r\n"), reasons::kBadConnection);
}

TEST_F(HeadParserTest, CloseWins) {
  struct Case {
    const char* version;
    const char* lines;
    bool keep_alive;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"1.1", "", true},
           {"1.1", "Connection: Close\r\n", false},
           {"1.1", "Connection: keep-alive, close\r\n", false},
           {"1.1", "Connection: keep-alive\r\nConnection: close\t\r\n", false},
           {"1.1", "Connection: closed\r\n", true},
           {"1.0", "", false},
           {"1.0", "Connection: Keep-Alive\r\n", true},
           {"1.0", "Connection: close, keep-alive\r\n", false},
           {"1.0", "Proxy-Connection: keep-alive\r\n", false},
       }) {
    EXPECT_EQ(accepted(with(c.lines, std::string("GET / HTTP/") + c.version)).keep_alive,
              c.keep_alive)
        << c.version << c.lines;
  }
}

TEST_F(HeadParserTest, OnlyAProperWebsocketUpgradeIsReported) {
  struct Case {
    const char* start;
    const char* lines;
    bool upgrade;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: WebSocket\r\n", true},
           {"GET / HTTP/1.1", "Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\n", true},
           {"GET / HTTP/1.1", "Upgrade: websocket\r\n", false},
           {"GET / HTTP/1.1", "Connection: Upgrade\r\n", false},
           {"GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n", false},
           {"GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket/13\r\n", false},
           {"GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n", false},
           {"GET / HTTP/1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n", false},
           {"POST / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", false},
           {"GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n",
            false},
       }) {
    const Request& r = accepted(with(c.lines, c.start));
    EXPECT_EQ(r.upgrade_websocket, c.upgrade) << c.lines;
    EXPECT_EQ(r.headers.find(HeaderId::upgrade), nullptr);
  }
}

TEST_F(HeadParserTest, OneExpectationIsKnown) {
  EXPECT_TRUE(accepted(with("Expect: 100-Continue\r\nContent-Length: 1\r\n")).expects_continue);
  EXPECT_FALSE(accepted(with("Expect: 100-continue\r\nContent-Length: 0\r\n")).expects_continue);
  EXPECT_FALSE(accepted(with("Expect: 100-continue\r\nContent-Length: 1\r\n", "POST / HTTP/1.0"))
                   .expects_continue);
  for (std::string_view value : {"", "y 100-continue", "100-continue, 100-continue", "200-ok"}) {
    expect_refused(with("Expect: " + std::string(value) + "\r\n"), reasons::kExpectationFailed);
  }
}

TEST_F(HeadParserTest, UnderscoresAreAChoice) {
  std::string head = with("X_A: 1\r\nContent_Length: 50\r\nX-B: 2\r\n");
  EXPECT_EQ(kept(accepted(head).headers), (std::vector<std::string>{"Host: h", "X-B: 2"}));
  ASSERT_TRUE(parse(head, Underscores::allow).has_value());
  EXPECT_EQ(kept(request_->request.headers).size(), 4U);
  Result<Done> refused = parse(head, Underscores::refuse);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason->code, "http.underscore_in_name");
}

TEST_F(HeadParserTest, LimitsAreExact) {
  using namespace reasons;
  limits_ = {.request_line = 30, .header_field = 40, .header_bytes = 100, .header_count = 3};
  accepted(with("", "GET /" + std::string(16, 'a') + " HTTP/1.1"));
  expect_refused(with("", "GET /" + std::string(17, 'a') + " HTTP/1.1"), kTargetTooLong);
  expect_refused(with("", std::string(31, 'G') + " / HTTP/1.1"), kTargetTooLong);
  accepted(with("X: " + std::string(37, 'v') + "\r\n"));
  expect_refused(with("X: " + std::string(38, 'v') + "\r\n"), kFieldTooLong);
  accepted(with("X: 1\r\nX: 2\r\n"));
  expect_refused(with("X: 1\r\nX: 2\r\nX: 3\r\n"), kTooManyFields);
  std::string line = "X: " + std::string(35, 'v') + "\r\n";
  accepted(with(line + "XX: " + std::string(45 - 4, 'v').substr(0, 36) + "\r\n"));
  expect_refused(with(line + line + line), kHeadTooLarge);
}

TEST_F(HeadParserTest, ManyFieldsAreKeptInOrder) {
  limits_.header_count = 1000;
  std::string lines;
  for (int i = 0; i < 500; ++i) lines += "X-" + std::to_string(i) + ": v\r\n";
  const Request& r = accepted(with(lines));
  ASSERT_EQ(r.headers.size(), 501U);
  EXPECT_EQ(r.headers.begin()[500].name(), "X-499");
}

TEST_F(HeadParserTest, NamesLongerThanAFieldHoldsAreRefused) {
  limits_ = {.header_field = 1 << 20, .header_bytes = 1 << 20};
  accepted(with(std::string(65535, 'x') + ": v\r\n"));
  expect_refused(with(std::string(65536, 'x') + ": v\r\n"), reasons::kFieldTooLong);
}

TEST(HeadScanners, FindTheEndHoweverTheBytesArrive) {
  const std::string head = "\r\nGET / HTTP/1.1\r\nHost: h\r\nX: 0123456789abcdef01234\r\n\r\n";
  const std::string bytes = head + "body\r\n\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    HeadScanner scanner;
    for (std::size_t size = step;; size += step) {
      std::size_t found = scanner.scan(std::string_view(bytes).substr(0, size));
      if (size < head.size()) {
        ASSERT_EQ(found, 0U);
      } else {
        ASSERT_EQ(found, head.size());
        break;
      }
    }
    scanner.reset();
    EXPECT_EQ(scanner.scan(bytes), head.size());
  }
}

TEST(HeadScanners, EndAtALineFeedAlone) {
  for (const auto& [bytes, size] : std::initializer_list<std::pair<std::string_view, std::size_t>>{
           {"GET / HTTP/1.1\nHost: h\n\n", 15},
           {"\n", 1},
           {"\r\n\n", 3},
           {"GET / HTTP/1.1\r\nHost: h\r\n\nGET", 26},
       }) {
    HeadScanner scanner;
    EXPECT_EQ(scanner.scan(bytes), size) << bytes;
  }
}

TEST(IncompleteRequests, AreRefusedAsSoonAsTheyCannotBecomeRight) {
  Limits limits{.request_line = 40, .header_bytes = 60};
  for (const auto& [bytes, reason] : std::vector<std::pair<std::string, const Reason*>>{
           {"", nullptr},
           {"\r", nullptr},
           {"\r\n", nullptr},
           {"\r\n\r", nullptr},
           {"G", nullptr},
           {"GET", nullptr},
           {"GET /", nullptr},
           {"GET / HTTP/1.1\r", nullptr},
           {"GET / HTTP/1.1\r\n", nullptr},
           {"GET / HTTP/1.1\r\nHost: h\r\n", nullptr},
           {"GET / HTTP/1.1\r\nX: " + std::string(59, 'v'), nullptr},
           {"GET / HTTP/1.1\r\nX: " + std::string(60, 'v'), &reasons::kHeadTooLarge},
           {"\x16\x03\x01\x02", &reasons::kTlsOnPlainPort},
           {std::string("\0", 1), &reasons::kBadMethod},
           {"g", &reasons::kBadMethod},
           {"{\"a\":1}", &reasons::kBadMethod},
           {"SSH-2.0-x", &reasons::kBadMethod},
           {"GET /\r\n", &reasons::kBadRequestLine},
           {"GET / FTP/1.1\r\n", &reasons::kBadVersion},
           {"GET / HTTP/3.0\r\n", &reasons::kVersionNotSupported},
           {"\r\n\r\n\r\n\r\n", &reasons::kEmptyLines},
           {"GET /" + std::string(37, 'a'), &reasons::kTargetTooLong},
           {std::string(42, 'G'), &reasons::kTargetTooLong},
       }) {
    Result<Done> checked = check_incomplete_request(bytes, limits);
    EXPECT_EQ(checked.has_value() ? "" : checked.error().reason->code,
              reason != nullptr ? reason->code : "")
        << bytes;
  }
}

TEST_F(HeadParserTest, AResponseIsFilledIn) {
  ASSERT_TRUE(answer("HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 5\r\nKeep-Alive: 5\r\n"
                     "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX_A: 2\r\n\r\n")
                  .has_value());
  EXPECT_EQ(response_->response.status, 200);
  EXPECT_EQ(response_->framing, Framing::length);
  EXPECT_EQ(response_->response.content_length, 5U);
  EXPECT_TRUE(response_->keep_alive);
  EXPECT_EQ(kept(response_->response.headers),
            (std::vector<std::string>{"Server: s", "Content-Length: 5", "X_A: 2"}));
}

TEST_F(HeadParserTest, ResponsesAreAsStrict) {
  using namespace reasons;
  for (const auto& [head, reason] : std::vector<std::pair<std::string, const Reason*>>{
           {"", &kBadStatusLine},
           {"HTTP/1.1 200 OK", &kBadStatusLine},
           {"HTTP/2.0 200 OK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1  200 OK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1\t200 OK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 20 OK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 2000 OK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 099 OK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 600 OK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 200\tOK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 200 O\x01K\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 200 OK\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 200 OK\r\r\n\r\n", &kBadStatusLine},
           {"\r\nHTTP/1.1 200 OK\r\n\r\n", &kBadStatusLine},
           {"HTP/1.1 200 OK\r\n\r\n", &kBadStatusLine},
           {"HTTP/1.1 200 OK\r\nX : a\r\n\r\n", &kResponseSpaceBeforeColon},
           {"HTTP/1.1 200 OK\r\n X: a\r\n\r\n", &kResponseFoldedField},
           {"HTTP/1.1 200 OK\r\nX: a\n\r\n", &kResponseBadLineEnd},
           {"HTTP/1.1 200 OK\r\nX: a\x01\r\n\r\n", &kResponseBadFieldValue},
           {"HTTP/1.1 200 OK\r\nX(: a\r\n\r\n", &kResponseBadFieldName},
           {"HTTP/1.1 200 OK\r\nX\r\n\r\n", &kResponseFieldWithoutColon},
           {"HTTP/1.1 200 OK\r\nX: a\r\n", &kResponseTruncatedHead},
           {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            &kResponseConflictingFraming},
           {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            &kResponseDuplicateContentLength},
           {"HTTP/1.1 200 OK\r\nContent-Length: 5,5\r\n\r\n", &kResponseBadContentLength},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, deflate\r\n\r\n",
            &kResponseBadTransferEncoding},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            &kResponseUnknownTransferCoding},
           {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            &kResponseTransferEncodingInHttp10},
           {"HTTP/1.1 200 OK\r\nLocation: /a\r\nLocation: /b\r\n\r\n", &kResponseDuplicateField},
           {"HTTP/1.1 200 OK\r\nConnection: set-cookie\r\n\r\n", &kResponseConnectionNamesEndToEnd},
       }) {
    expect_answer_refused(head, *reason);
  }
}

TEST_F(HeadParserTest, TheBodyOfAResponseDependsOnStatusAndMethod) {
  struct Case {
    const char* status;
    const char* lines;
    Method method;
    Framing framing;
    bool keep_alive;
  };
  const char* length = "Content-Length: 5\r\n";
  const char* chunked = "Transfer-Encoding: chunked\r\n";
  for (const Case& c : std::initializer_list<Case>{
           {"200 OK", length, Method::get, Framing::length, true},
           {"200 OK", chunked, Method::get, Framing::chunked, true},
           {"200 OK", "", Method::get, Framing::until_close, false},
           {"200", "Content-Length: 0\r\n", Method::get, Framing::none, true},
           {"200 OK", length, Method::head, Framing::none, true},
           {"200 OK", chunked, Method::head, Framing::none, true},
           {"200 OK", "", Method::head, Framing::none, true},
           {"304 Not Modified", length, Method::get, Framing::none, true},
           {"204 No Content", "", Method::get, Framing::none, true},
           {"204 No Content", length, Method::get, Framing::none, false},
           {"204 No Content", chunked, Method::get, Framing::none, false},
           {"103 Early Hints", "", Method::get, Framing::none, true},
           {"500 \xe9", "Content-Length: 5\r\nContent-Length: 5\r\n", Method::get, Framing::length,
            true},
           {"404 ", "Connection: close\r\nContent-Length: 5\r\n", Method::get, Framing::length,
            false},
       }) {
    SCOPED_TRACE(std::string(c.status) + " " + c.lines);
    Result<Done> parsed =
        answer(std::string("HTTP/1.1 ") + c.status + "\r\n" + c.lines + "\r\n", c.method);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().reason->code;
    EXPECT_EQ(response_->framing, c.framing);
    EXPECT_EQ(response_->keep_alive, c.keep_alive);
    EXPECT_FALSE(response_->upgrade);
    int lengths = 0;
    for (const std::string& field : kept(response_->response.headers)) {
      lengths += field.starts_with("Content-Length") ? 1 : 0;
    }
    EXPECT_LE(lengths, 1);
  }
  ASSERT_TRUE(answer("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n").has_value());
  EXPECT_FALSE(response_->keep_alive);
}

TEST_F(HeadParserTest, AnUpgradeIsA101WithTheRightFields) {
  ASSERT_TRUE(
      answer("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").has_value());
  EXPECT_TRUE(response_->upgrade);
  for (std::string_view head : {"HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n",
                                "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
                                "HTTP/1.1 200 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                                "Content-Length: 0\r\n\r\n"}) {
    ASSERT_TRUE(answer(head).has_value());
    EXPECT_FALSE(response_->upgrade) << head;
  }
}

TEST(Methods, TheSafeToRepeatOnesAreKnown) {
  EXPECT_EQ(method_id("GET"), Method::get);
  EXPECT_EQ(method_id("get"), Method::other);
  EXPECT_EQ(method_id("PATCH"), Method::patch);
  for (std::string_view method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
    EXPECT_TRUE(is_idempotent(method_id(method))) << method;
  }
  for (std::string_view method : {"POST", "PATCH", "LOCK", ""}) {
    EXPECT_FALSE(is_idempotent(method_id(method))) << method;
  }
}

}  // namespace
}  // namespace sallyport::http
