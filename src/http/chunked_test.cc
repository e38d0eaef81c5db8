#include "http/chunked.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace sallyport::http {
namespace {

struct Decoded {
  std::string body;
  std::string reason;  // empty: none
  bool done = false;
  std::size_t consumed = 0;
  std::vector<std::string> trailers;
};

// Feeds the decoder `piece` bytes at a time, each in memory of exactly that size.
Decoded decode(std::string_view bytes, std::size_t piece, const Limits& limits = {},
               Blame sender = Blame::client) {
  alignas(8) std::array<std::byte, 512> block;
  Arena arena(block);
  ChunkDecoder decoder(limits, arena, sender);
  Decoded out;
  for (std::size_t at = 0; at < bytes.size() && !out.done; at += piece) {
    std::string window(bytes.substr(at, piece));
    window.shrink_to_fit();
    std::span<const std::byte> rest = std::as_bytes(std::span(window));
    while (!rest.empty() && !out.done) {
      Result<ChunkDecoder::Step> step = decoder.step(rest);
      if (!step) {
        out.reason = step.error().reason->code;
        return out;
      }
      EXPECT_GT(step->consumed, 0U);
      out.body.append(reinterpret_cast<const char*>(step->data.data()), step->data.size());
      out.consumed += step->consumed;
      out.done = step->done;
      rest = rest.subspan(step->consumed);
    }
  }
  if (const Headers* trailers = decoder.trailers()) {
    for (const Field& field : *trailers) {
      out.trailers.push_back(std::string(field.name()) + ": " + std::string(field.value()));
    }
  }
  return out;
}

struct Good {
  std::string bytes;
  std::string body;
  std::vector<std::string> trailers = {};
};

TEST(ChunkDecoders, DecodeHoweverTheBytesAreCut) {
  for (const Good& c : std::vector<Good>{
           {"0\r\n\r\n", ""},
           {"000\r\n\r\n", ""},
           {"0000000000000000\r\n\r\n", ""},
           {"5\r\nhello\r\n0\r\n\r\n", "hello"},
           {"0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"},
           {"A\r\n0123456789\r\na\r\nabcdefghij\r\n0\r\n\r\n", "0123456789abcdefghij"},
           {"6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n", "hello world"},
           {"4\r\n\r\n0\r\r\n0\r\n\r\n", "\r\n0\r"},
           {"5;a=b\r\nhello\r\n0;c\r\n\r\n", "hello"},
           {"5;a;b=c;d=\"e;f\\\"\\\\\t \xe9\";g\r\nhello\r\n0\r\n\r\n", "hello"},
           {"5; some;\tparameters=stuff\r\nhello\r\n0\r\n\r\n", "hello"},
           {"5;a=\"\"\r\nhello\r\n0\r\n\r\n", "hello"},
           {"1\r\na\r\n0\r\nX-Sum: 1\r\nX-Other:\t2 \r\n\r\n", "a", {"X-Sum: 1", "X-Other: 2"}},
           {"0\r\nETag: \"a\"\r\nServer-Timing: a\r\n\r\n",
            "",
            {"ETag: \"a\"", "Server-Timing: a"}},
       }) {
    for (std::size_t piece = 1; piece <= c.bytes.size() + 1; ++piece) {
      Decoded out = decode(c.bytes + "GET /next", piece);
      SCOPED_TRACE(testing::PrintToString(c.bytes) + " by " + std::to_string(piece));
      EXPECT_EQ(out.reason, "");
      EXPECT_TRUE(out.done);
      EXPECT_EQ(out.body, c.body);
      EXPECT_EQ(out.consumed, c.bytes.size());
      EXPECT_EQ(out.trailers, c.trailers);
      EXPECT_FALSE(decode(c.bytes.substr(0, c.bytes.size() - 1), piece).done);
    }
  }
}

TEST(ChunkDecoders, RefuseWhateverIsNotExactlyTheGrammar) {
  for (const auto& [bytes, reason] : std::vector<std::pair<std::string, std::string>>{
           {"\r\n", "http.bad_chunk_size"},
           {" 5\r\nhello\r\n", "http.bad_chunk_size"},
           {"5 \r\nhello\r\n", "http.bad_chunk_size"},
           {"5\t\r\nhello\r\n", "http.bad_chunk_size"},
           {"5 ;a\r\nhello\r\n", "http.bad_chunk_size"},
           {";a\r\nhello\r\n", "http.bad_chunk_size"},
           {"g\r\n", "http.bad_chunk_size"},
           {"0x5\r\nhello\r\n", "http.bad_chunk_size"},
           {"+5\r\nhello\r\n", "http.bad_chunk_size"},
           {"-5\r\nhello\r\n", "http.bad_chunk_size"},
           {"0_5\r\nhello\r\n", "http.bad_chunk_size"},
           {"5\n", "http.bad_chunk_size"},
           {std::string("5\0\r\n", 4), "http.bad_chunk_size"},
           {"\xef\xbc\x95\r\nhello\r\n", "http.bad_chunk_size"},
           {"00000000000000005\r\n", "http.bad_chunk_size"},
           {"FFFFFFFFFFFFFFFFF\r\n", "http.bad_chunk_size"},
           {"FFFFFFFFFFFFFFFF\r\n", "http.bad_chunk_size"},
           {"8000000000000000\r\n", "http.bad_chunk_size"},
           {"5\rhello", "http.bad_line_end"},
           {"5\r\r\nhello", "http.bad_line_end"},
           {"2;\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a;\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a=\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;=a\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a =b\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a= b\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a \r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a\naa\r\n", "http.bad_chunk_extension"},
           {"2;a\rb\r\naa\r\n", "http.bad_line_end"},
           {"2;a=\"b\r\n\"\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a=\"b\\\r\n\"\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a=\"b\x01\"\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a=\"b\x7f\"\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a=\"b\"c\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a=b\"c\"\r\naa\r\n", "http.bad_chunk_extension"},
           {"2;a\xe9\r\naa\r\n", "http.bad_chunk_extension"},
           {"5\r\nhelloX\r\n", "http.bad_chunk"},
           {"5\r\nhelloXX0\r\n\r\n", "http.bad_chunk"},
           {"5\r\nhello\n0\r\n\r\n", "http.bad_chunk"},
           {"5\r\nhello\r0\r\n\r\n", "http.bad_chunk"},
           {"5\r\nhello0\r\n\r\n", "http.bad_chunk"},
           {"0\n\n", "http.bad_chunk_size"},
           {"0\r\n\n", "http.bad_line_end"},
           {"0\r\n\r\r", "http.bad_line_end"},
           {"0\r\nX: a\n\r\n", "http.bad_line_end"},
           {"0\r\nX: a\rb\r\n\r\n", "http.bad_line_end"},
           {"0\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n", "http.field_without_colon"},
           {"0\r\nX Y: z\r\n\r\n", "http.bad_field_name"},
           {"0\r\nX : z\r\n\r\n", "http.space_before_colon"},
           {"0\r\nX: a\r\n b\r\n\r\n", "http.folded_field"},
           {std::string("0\r\nX: a\0\r\n\r\n", 12), "http.bad_field_value"},
           {"0\r\nContent-Length: 5\r\n\r\n", "http.framing_in_trailer"},
           {"0\r\ntransfer-encoding: chunked\r\n\r\n", "http.framing_in_trailer"},
       }) {
    for (std::size_t piece : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
      EXPECT_EQ(decode(bytes, piece).reason, reason) << testing::PrintToString(bytes);
    }
    EXPECT_EQ(decode(bytes, bytes.size(), {}, Blame::upstream).reason,
              "http.response_" + reason.substr(5));
  }
}

TEST(ChunkDecoders, LargestSizeIsBelowTheSignBit) {
  Decoded out = decode("7fffffffffffffff\r\nabc", 100);
  EXPECT_EQ(out.reason, "");
  EXPECT_EQ(out.body, "abc");
}

TEST(ChunkDecoders, TrailersThatSteerTheMessageAreDropped) {
  for (std::string_view name : {"Host",
                                "Authorization",
                                "Cookie",
                                "Set-Cookie",
                                "Content-Type",
                                "Content-Encoding",
                                "Content-Range",
                                "Cache-Control",
                                "Expect",
                                "Range",
                                "TE",
                                "Trailer",
                                "Connection",
                                "X-Forwarded-For",
                                "x-forwarded-anything",
                                "Forwarded",
                                "If-Anything",
                                "Proxy-Anything",
                                "Sec-Anything",
                                "X-HTTP-Method-Override",
                                "Content_Digest"}) {
    Decoded out = decode("0\r\n" + std::string(name) + ": a\r\nX-Kept: b\r\n\r\n", 100);
    EXPECT_EQ(out.reason, "");
    EXPECT_EQ(out.trailers, std::vector<std::string>{"X-Kept: b"}) << name;
  }
  EXPECT_TRUE(decode("0\r\nHost: a\r\n\r\n", 100).trailers.empty());
}

TEST(ChunkDecoders, LimitsAreExact) {
  Limits limits{.header_field = 20,
                .trailer_bytes = 30,
                .trailer_count = 2,
                .chunk_line = 16,
                .chunk_overhead = 30};
  auto reason = [&](const std::string& bytes) { return decode(bytes, 7, limits).reason; };
  EXPECT_EQ(reason("1;" + std::string(12, 'e') + "\r\n"), "");
  EXPECT_EQ(reason("1;" + std::string(13, 'e') + "\r\n"), "http.chunk_line_too_long");
  std::string chunk = "1;" + std::string(12, 'e') + "\r\nx\r\n";
  EXPECT_EQ(reason(chunk + chunk), "");
  EXPECT_EQ(reason(chunk + chunk + chunk), "http.chunk_overhead");
  EXPECT_EQ(reason("0\r\nX: 1\r\nX: 2\r\n\r\n"), "");
  EXPECT_EQ(reason("0\r\nX: 1\r\nX: 2\r\nX: 3\r\n\r\n"), "http.trailers_too_large");
  EXPECT_EQ(reason("0\r\nX: 0123456789\r\nX: 0123456789\r\n\r\n"), "");
  EXPECT_EQ(reason("0\r\nX: 0123456789\r\nX: 01234567890\r\n\r\n"), "http.trailers_too_large");
  EXPECT_EQ(reason("0\r\nX: " + std::string(18, 'v') + "\r\n\r\n"), "http.field_too_long");
}

TEST(ChunkDecoders, ALastRunOfDataComesWithTheEnd) {
  alignas(8) std::array<std::byte, 64> block;
  Arena arena(block);
  ChunkDecoder decoder(Limits{}, arena);
  std::string bytes = "5\r\nhello\r\n0\r\n\r\n";
  Result<ChunkDecoder::Step> step = decoder.step(std::as_bytes(std::span(bytes)));
  ASSERT_TRUE(step.has_value());
  EXPECT_TRUE(step->done);
  EXPECT_EQ(step->data.size(), 5U);
  EXPECT_EQ(step->consumed, bytes.size());
  EXPECT_EQ(decoder.trailers(), nullptr);
}

TEST(ChunkSizes, AreWrittenWithoutZerosInFront) {
  for (const auto& [size, text] : std::initializer_list<std::pair<std::uint64_t, const char*>>{
           {0, "0\r\n"},
           {1, "1\r\n"},
           {0x10, "10\r\n"},
           {0xABCDEF, "abcdef\r\n"},
           {~std::uint64_t{0}, "ffffffffffffffff\r\n"},
       }) {
    std::array<char, 18> out{};
    EXPECT_EQ(std::string_view(out.data(), write_chunk_size(out.data(), size)), text);
  }
}

}  // namespace
}  // namespace sallyport::http
