// Runs the shared corpora of raw requests through the parser, where they are present: in the folder
// that SALLYPORT_CORPORA names, or in ../shared/corpora beside the checkout. Judges only what a
// parser can know; connections and upstreams are the end-to-end suite's business.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "http/chunked.h"
#include "http/head_parser.h"

namespace sallyport::http {
namespace {

std::filesystem::path corpora() {
  const char* chosen = std::getenv("SALLYPORT_CORPORA");
  if (chosen != nullptr) return chosen;
  return std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared" / "corpora";
}

// The value of a string member of a line of JSON. The corpora hold flat objects; what is asked for
// here (verdicts, base64) has no escapes.
std::string member(const std::string& line, const std::string& name) {
  std::string key = "\"" + name + "\": \"";
  std::size_t at = line.find(key);
  if (at == std::string::npos) {
    key = "\"" + name + "\":\"";
    at = line.find(key);
  }
  if (at == std::string::npos) return {};
  at += key.size();
  return line.substr(at, line.find('"', at) - at);
}

bool mentions(const std::string& line, const std::string& name) {
  return line.find("\"" + name + "\":") != std::string::npos;
}

std::string decode_base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (char c : text) {
    std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return out;
}

struct Outcome {
  int served = 0;
  bool refused = false;
  bool cut_short = false;
  bool closes = false;
};

// Reads requests one behind the other, as a connection would.
Outcome read_requests(std::string_view bytes) {
  Outcome out;
  Limits limits;
  while (!bytes.empty() && !out.closes) {
    alignas(8) std::array<std::byte, 2048> block;
    Arena arena(block);
    HeadScanner scanner;
    std::size_t size = scanner.scan(bytes);
    if (size == 0) {
      out.refused = !check_incomplete_request(bytes, limits).has_value();
      out.cut_short = !out.refused;
      return out;
    }
    ParsedRequest parsed(arena);
    if (!parse_request(bytes.substr(0, size), limits, Underscores::drop, false, arena, parsed)) {
      out.refused = true;
      return out;
    }
    bytes.remove_prefix(size);
    if (parsed.framing == Framing::length) {
      std::uint64_t length = *parsed.request.content_length;
      if (length > bytes.size()) {
        out.cut_short = true;
        return out;
      }
      bytes.remove_prefix(static_cast<std::size_t>(length));
    }
    ChunkDecoder decoder(limits, arena);
    for (bool done = parsed.framing != Framing::chunked; !done;) {
      Result<ChunkDecoder::Step> step = decoder.step(std::as_bytes(std::span(bytes)));
      out.refused = !step.has_value();
      out.cut_short = !out.refused && !step->done && step->consumed == bytes.size();
      if (out.refused || out.cut_short) return out;
      bytes.remove_prefix(step->consumed);
      done = step->done;
    }
    ++out.served;
    out.closes = !parsed.request.keep_alive;
  }
  return out;
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

TEST(Corpora, FramingCasesGetTheirVerdict) {
  std::filesystem::path file = corpora() / "http1-framing" / "cases.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "SKIPPED, no corpora: " << file;
  std::vector<std::string> lines = lines_of(file);
  ASSERT_GE(lines.size(), 200U);
  for (const std::string& line : lines) {
    SCOPED_TRACE(member(line, "id"));
    Outcome outcome = read_requests(decode_base64(member(line, "raw")));
    std::string verdict = member(line, "verdict");
    bool may_refuse = line.find("reject-400", line.find("\"also_ok\"")) != std::string::npos;
    if (verdict == "reject-400") {
      EXPECT_EQ(outcome.served, 0);
      EXPECT_TRUE(outcome.refused || (outcome.cut_short && mentions(line, "client_eof")));
    } else if (verdict == "accept") {
      EXPECT_FALSE(outcome.cut_short);
      EXPECT_TRUE(!outcome.refused || (mentions(line, "also_ok") && may_refuse));
    } else {
      EXPECT_EQ(verdict, "must-close-after");
      EXPECT_EQ(outcome.served, 1);
      EXPECT_TRUE(outcome.closes || outcome.refused);
    }
  }
}

TEST(Corpora, WhatAnotherParserRefusesIsNeverServed) {
  std::filesystem::path file = corpora() / "http1-parsers" / "gunicorn.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "SKIPPED, no corpora: " << file;
  int judged = 0;
  for (const std::string& line : lines_of(file)) {
    if (member(line, "verdict") != "reject" || mentions(line, "settings")) continue;
    ++judged;
    EXPECT_EQ(read_requests(decode_base64(member(line, "raw"))).served, 0) << member(line, "id");
  }
  EXPECT_GE(judged, 30);
}

}  // namespace
}  // namespace sallyport::http
