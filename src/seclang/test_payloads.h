// Payloads of a corpus and the requests that carry them. For tests and comparisons only.
#pragma once

#include <cctype>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "seclang/engine/replay.h"
#include "seclang/test_corpus.h"
#include "seclang/test_request.h"

namespace sallyport::seclang::corpus {

inline std::vector<std::pair<std::string, std::string>> usual_headers() {
  return {{"Host", "api.example.com"},
          {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
          {"Accept", "application/json"},
          {"Accept-Language", "en-US,en;q=0.5"},
          {"Accept-Encoding", "gzip, deflate, br"},
          {"Connection", "keep-alive"}};
}

inline Sample get(std::string name, std::string uri) {
  return {.name = std::move(name), .uri = std::move(uri), .headers = usual_headers(), .body = {}};
}

inline Sample with_body(std::string name, std::string uri, std::string type, std::string body) {
  Sample sample = get(std::move(name), std::move(uri));
  sample.method = "POST";
  sample.headers.emplace_back("Content-Type", std::move(type));
  sample.headers.emplace_back("Content-Length", std::to_string(body.size()));
  sample.body = std::move(body);
  return sample;
}

inline std::string percent_encoded(std::string_view in) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (char c : in) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

inline std::string percent_decoded(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    unsigned byte = 0;
    if (in[i] == '%' && i + 2 < in.size() &&
        std::from_chars(in.data() + i + 1, in.data() + i + 3, byte, 16).ptr == in.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += in[i];
    }
  }
  return out;
}

struct Payload {
  std::string id;
  std::string kind;  // "sqli"
  std::string text;
};

// Calls `each` for every line of a file of payloads.
inline void for_each_payload(const std::string& file,
                             const std::function<void(const Payload&)>& each) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty()) continue;
    const Json entry = JsonReader(line).read();
    std::string text(entry["payload"]);
    if (entry["enc"] == "url") text = percent_decoded(text);
    each({.id = std::string(entry["id"]), .kind = std::string(entry["class"]), .text = text});
  }
}

// A payload as an argument, in each of `kForms` ways: of the query, a form, a JSON document.
inline constexpr int kForms = 3;
inline Sample carrying(std::string_view payload, int form) {
  if (form == 0) return get("", "/v1/search?q=" + percent_encoded(payload));
  if (form == 1) {
    return with_body("", "/v1/search", "application/x-www-form-urlencoded",
                     "page=1&q=" + percent_encoded(payload));
  }
  std::string escaped;
  text::append_json_escaped(escaped, payload);
  return with_body("", "/v1/search", "application/json", R"({"page":1,"q":")" + escaped + "\"}");
}

// The request, and an empty answer to it, for replay().
inline Recording recording_of(const Sample& sample) {
  Recording recording;
  recording.unique_id = "x";
  recording.seconds = 1'700'000'000;
  recording.work = WorkBudget::kUnlimited;
  recording.client = "192.0.2.1";
  recording.client_port = 12345;
  recording.server = "198.51.100.1";
  recording.server_port = 443;
  recording.method = sample.method;
  recording.uri = sample.uri;
  recording.version = "1.1";
  recording.request_headers = sample.headers;
  recording.request_body = sample.body;
  recording.request_body_given = true;
  recording.head_status = recording.status = 200;
  recording.response_protocol = "HTTP/1.1";
  recording.response_headers = {{"Content-Type", "application/json"}};
  recording.response_body_given = true;
  recording.phases.set();
  return recording;
}

}  // namespace sallyport::seclang::corpus
