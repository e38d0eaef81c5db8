#include "http/wire_pieces.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace sallyport::http {
namespace {

class BodyWithTrailers final : public Body {
 public:
  explicit BodyWithTrailers(const Headers* trailers) : trailers_(trailers) {}
  Task<Result<BodyPiece>> next() override { return BodyPiece{}; }
  [[nodiscard]] const Headers* trailers() const override { return trailers_; }

 private:
  const Headers* trailers_;
};

BodyPiece piece(std::string_view text, bool last) {
  return {.bytes = std::as_bytes(std::span(text)), .last = last};
}

// What would be sent, which is as long as it says.
std::string sent(const WirePieces& out) {
  std::string text;
  for (const iovec& part : out.pieces()) {
    text.append(static_cast<const char*>(part.iov_base), part.iov_len);
  }
  EXPECT_EQ(out.size(), text.size());
  EXPECT_EQ(out.empty(), text.empty());
  return text;
}

class WirePiecesTest : public testing::Test {
 protected:
  alignas(8) std::array<std::byte, 1024> block_;
  Arena arena_{block_};
};

TEST_F(WirePiecesTest, AChunkHasItsSizeBeforeItAndItsLineEndBehind) {
  Headers trailers(arena_);
  trailers.add("Checksum", "abc");
  struct Case {
    std::string_view data;
    bool last;
    const Headers* trailers;
    std::string_view wire;
  };
  for (const Case& c : {
           Case{"", false, nullptr, ""},
           Case{"hello", false, nullptr, "5\r\nhello\r\n"},
           Case{"hello", false, &trailers, "5\r\nhello\r\n"},
           Case{"hello", true, nullptr, "5\r\nhello\r\n0\r\n\r\n"},
           Case{"hello", true, &trailers, "5\r\nhello\r\n0\r\nChecksum: abc\r\n\r\n"},
           Case{"", true, nullptr, "0\r\n\r\n"},
           Case{"", true, &trailers, "0\r\nChecksum: abc\r\n\r\n"},
       }) {
    BodyWithTrailers body(c.trailers);
    WirePieces out;
    out.add_chunk(piece(c.data, c.last), body, arena_);
    EXPECT_EQ(sent(out), c.wire);
  }
}

TEST_F(WirePiecesTest, AHeadAndAPieceGoAsTheyAre) {
  WirePieces out;
  out.add("HTTP/1.1 200 OK\r\n\r\n");
  out.add(piece("", false).bytes);
  out.add(piece("body", true).bytes);
  EXPECT_EQ(out.pieces().size(), 2U);
  EXPECT_EQ(sent(out), "HTTP/1.1 200 OK\r\n\r\nbody");
}

TEST_F(WirePiecesTest, AHeadAndALastChunkFitIntoOneSend) {
  BodyWithTrailers body(nullptr);
  WirePieces out;
  out.add("HEAD");
  out.add_chunk(piece("0123456789abcdef", true), body, arena_);
  EXPECT_EQ(out.pieces().size(), 4U);
  EXPECT_EQ(sent(out), "HEAD10\r\n0123456789abcdef\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace sallyport::http
