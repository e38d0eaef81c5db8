#include "http/message_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "http/head_parser.h"
#include "http/reasons.h"

namespace sallyport::http {
namespace {

// The fields as written, from a buffer of exactly the announced size.
std::string written(const Headers& headers) {
  std::vector<char> out(fields_size(headers));
  char* end = write_fields(out.data(), headers);
  EXPECT_EQ(end, out.data() + out.size());
  return {out.data(), out.size()};
}

class MessageWriterTest : public testing::Test {
 protected:
  Headers& parse(std::string_view lines) {
    head_ = "GET / HTTP/1.1\r\n" + std::string(lines) + "\r\n";
    Result<Done> parsed =
        parse_request(head_, Limits{}, Underscores::drop, false, arena_, request_);
    EXPECT_TRUE(parsed.has_value());
    return request_.request.headers;
  }

  alignas(8) std::array<std::byte, 1024> block_;
  Arena arena_{block_};
  std::string head_;
  ParsedRequest request_{arena_};
};

TEST_F(MessageWriterTest, FieldsAreWrittenInOneForm) {
  EXPECT_EQ(written(parse("Host: h\r\nX-A:b\r\nX-B: \t c \t\r\nX-C:\r\nX-D: \r\nx-e: f\r\n")),
            "Host: h\r\nX-A: b\r\nX-B: c\r\nX-C: \r\nX-D: \r\nx-e: f\r\n");
}

TEST_F(MessageWriterTest, RemovedAndChangedFieldsBreakARun) {
  Headers& headers = parse(
      "X-1: 1\r\nHost: h\r\nX-2: 2\r\nConnection: close\r\nX-3: 3\r\nContent-Length: 007\r\n"
      "X-4: 4\r\n");
  headers.set(HeaderId::host, "10.0.0.1:80");
  headers.add("X-Added", "");
  EXPECT_EQ(written(headers),
            "X-1: 1\r\nX-2: 2\r\nX-3: 3\r\nContent-Length: 7\r\nX-4: 4\r\nHost: 10.0.0.1:80\r\n"
            "X-Added: \r\n");
}

TEST_F(MessageWriterTest, NothingComesOfNoFields) {
  Headers none(arena_);
  EXPECT_EQ(written(none), "");
}

TEST(StatusLines, HaveTheUsualPhrase) {
  auto line = [](std::uint16_t status) {
    std::array<char, 64> out{};
    return std::string(out.data(), write_status_line(out.data(), status));
  };
  EXPECT_EQ(line(200), "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(line(431), "HTTP/1.1 431 Request Header Fields Too Large\r\n");
  EXPECT_EQ(line(299), "HTTP/1.1 299 Unknown\r\n");
  for (unsigned status = 100; status < 600; ++status) {
    EXPECT_LE(line(static_cast<std::uint16_t>(status)).size(), 64U);
  }
}

TEST(RequestLines, KeepAnEmptyQuery) {
  auto line = [](bool has_query, std::string_view query) {
    std::array<char, 64> out{};
    return std::string(out.data(), write_request_line(out.data(), "GET", "/a", has_query, query));
  };
  EXPECT_EQ(line(false, ""), "GET /a HTTP/1.1\r\n");
  EXPECT_EQ(line(true, ""), "GET /a? HTTP/1.1\r\n");
  EXPECT_EQ(line(true, "b=c"), "GET /a?b=c HTTP/1.1\r\n");
}

TEST(Reasons, AreUniqueAndBlameTheRightSide) {
  std::set<std::string_view> codes;
  for (const Reason* reason : reasons::kAll) {
    EXPECT_TRUE(codes.insert(reason->code).second) << reason->code;
    EXPECT_TRUE(reason->code.starts_with("http.")) << reason->code;
    bool upstream = reason->code.starts_with("http.response_");
    EXPECT_EQ(reason->blame, upstream ? Blame::upstream : Blame::client) << reason->code;
    EXPECT_EQ(reason->status == 502, upstream) << reason->code;
    EXPECT_TRUE(reason->title.ends_with('.')) << reason->code;
    EXPECT_NE(reason_phrase(reason->status), "Unknown") << reason->code;
  }
}

}  // namespace
}  // namespace sallyport::http
