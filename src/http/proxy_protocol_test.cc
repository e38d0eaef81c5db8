#include "http/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::http {
namespace {

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string block(unsigned command, unsigned family, const std::string& payload) {
  std::string out = kSignature;
  out += static_cast<char>(command);
  out += static_cast<char>(family);
  out += static_cast<char>(payload.size() >> 8);
  out += static_cast<char>(payload.size() & 0xFF);
  return out + payload;
}

Result<ProxyHeader> parse(const std::string& bytes) {
  return parse_proxy_header(std::as_bytes(std::span(bytes)));
}

struct Good {
  std::string bytes;
  std::string source;  // empty: local
  std::uint16_t port = 0;
};

std::vector<Good> good() {
  std::string v4("\xC0\x00\x02\x01\x0A\x00\x00\x01\x12\x67\x01\xBB", 12);
  std::string v6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x07" +
                   std::string(16, '\1') + "\x12\x67\x01\xBB";
  return {
      {"PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\r\n", "192.0.2.1", 4711},
      {"PROXY TCP4 192.0.2.1 10.0.0.1 0 65535\r\n", "192.0.2.1", 0},
      {"PROXY TCP6 2001:db8::7 ::1 4711 443\r\n", "2001:db8::7", 4711},
      {"PROXY UNKNOWN\r\n", ""},
      {"PROXY UNKNOWN anything at all\r\n", ""},
      {block(0x21, 0x11, v4), "192.0.2.1", 4711},
      {block(0x21, 0x12, v4), "192.0.2.1", 4711},
      {block(0x21, 0x11, v4 + std::string("\x04\x00\x01x", 4)), "192.0.2.1", 4711},
      {block(0x21, 0x21, v6), "2001:db8::7", 4711},
      {block(0x20, 0x00, ""), ""},
      {block(0x20, 0x11, v4), ""},
      {block(0x21, 0x00, "tlv"), ""},
      {block(0x21, 0x31, std::string(216, 'u')), ""},
      {block(0x21, 0x11, v4 + std::string(4084, 't')), "192.0.2.1", 4711},
  };
}

TEST(ProxyProtocol, SourceIsReadAndNothingBehindTheHeaderTaken) {
  for (const Good& c : good()) {
    SCOPED_TRACE(testing::PrintToString(c.bytes));
    for (const char* behind : {"", "GET / HTTP/1.1\r\n"}) {
      Result<ProxyHeader> header = parse(c.bytes + behind);
      ASSERT_TRUE(header.has_value()) << header.error().detail;
      EXPECT_EQ(header->consumed, c.bytes.size());
      EXPECT_EQ(header->local, c.source.empty());
      if (!c.source.empty()) EXPECT_EQ(header->source.text(), c.source);
      EXPECT_EQ(header->source_port, c.port);
    }
  }
}

TEST(ProxyProtocol, AskForMoreUntilItIsComplete) {
  for (const Good& c : good()) {
    for (std::size_t size = 0; size < c.bytes.size(); ++size) {
      Result<ProxyHeader> header = parse(c.bytes.substr(0, size));
      ASSERT_TRUE(header.has_value()) << testing::PrintToString(c.bytes.substr(0, size));
      EXPECT_EQ(header->consumed, 0U);
    }
  }
}

TEST(ProxyProtocol, AnythingElseIsRefused) {
  std::string v4("\xC0\x00\x02\x01\x0A\x00\x00\x01\x12\x67\x01\xBB", 12);
  for (const std::string& bytes : std::vector<std::string>{
           "GET / HTTP/1.1\r\n",
           "\x16\x03\x01",
           "proxy TCP4 192.0.2.1 10.0.0.1 1 2\r\n",
           "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\n",
           "PROXY TCP4 192.0.2.1  10.0.0.1 1 2\r\n",
           "PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n",
           "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n",
           "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 \r\n",
           "PROXY TCP4 192.0.2.1 10.0.0.1 01 2\r\n",
           "PROXY TCP4 192.0.2.1 10.0.0.1 65536 2\r\n",
           "PROXY TCP4 192.0.2.1 10.0.0.1 1x 2\r\n",
           "PROXY TCP4 2001:db8::7 10.0.0.1 1 2\r\n",
           "PROXY TCP6 192.0.2.1 ::1 1 2\r\n",
           "PROXY TCP4 name 10.0.0.1 1 2\r\n",
           "PROXY TCP5 192.0.2.1 10.0.0.1 1 2\r\n",
           "PROXY \r\n",
           "PROXY \n",
           "PROXY UNKNOWN " + std::string(100, 'x'),
           block(0x11, 0x11, v4),
           block(0x22, 0x11, v4),
           block(0x21, 0x11, v4.substr(0, 11)),
           block(0x21, 0x21, v4),
           block(0x21, 0x41, v4),
           block(0x21, 0x13, v4),
           block(0x21, 0x11, v4 + std::string(4085, 't')),
           block(0x21, 0x11, v4 + std::string(65523, 't')),
       }) {
    Result<ProxyHeader> header = parse(bytes);
    ASSERT_FALSE(header.has_value()) << testing::PrintToString(bytes);
    EXPECT_EQ(header.error().reason->code, "http.bad_proxy_header");
  }
}

}  // namespace
}  // namespace sallyport::http
