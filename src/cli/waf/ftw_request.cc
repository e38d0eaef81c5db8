#include "cli/waf/ftw_request.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace sallyport::cli::waf {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

bool has(const std::vector<Header>& headers, std::string_view name) {
  return std::ranges::any_of(
      headers, [&](const Header& each) { return text::equals_ignoring_case(each.name, name); });
}

// Whether decoding the text as a query would leave it as it is. One that cannot be decoded would
// not be left so.
bool unescaped_already(std::string_view data) {
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data[i] == '+' || data[i] == '%') return false;
  }
  return true;
}

// As Go's url.QueryEscape.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    bool letter = text::lower(c) >= 'a' && text::lower(c) <= 'z';
    if (letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 0xF];
    }
  }
}

// Names and values one by one, so that "=" and "&" keep their meaning.
std::string escaped_form(std::string_view data) {
  std::string out;
  while (!data.empty()) {
    std::size_t end = data.find('&');
    std::string_view pair = data.substr(0, end);
    std::size_t equals = pair.find('=');
    append_escaped(out, pair.substr(0, equals));
    if (equals != std::string_view::npos) {
      out += '=';
      append_escaped(out, pair.substr(equals + 1));
    }
    out += '&';
    data.remove_prefix(end == std::string_view::npos ? data.size() : end + 1);
  }
  out.pop_back();
  return out;
}

std::string with_crlf(std::string_view data) {
  std::string out;
  for (char c : data) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

// `^POST|PUT|PATCH|DELETE$`, which is what go-ftw asks.
bool may_have_body(std::string_view method) {
  return method.starts_with("POST") || method.contains("PUT") || method.contains("PATCH") ||
         method.ends_with("DELETE");
}

}  // namespace

std::string build_request(const FtwInput& input) {
  if (input.raw) return *input.raw;
  std::vector<Header> headers = input.headers;
  std::string data = input.data;
  auto content_type = [&](auto fits) {
    return std::ranges::any_of(headers, [&](const Header& each) {
      return text::equals_ignoring_case(each.name, "content-type") && fits(each.value);
    });
  };
  if (!data.empty() && input.autocomplete_headers) {
    if (!has(headers, "content-type")) {
      headers.push_back({.name = "Content-Type", .value = std::string(kForm)});
    }
    bool form = content_type(
        [](std::string_view value) { return text::equals_ignoring_case(value, kForm); });
    if (form && unescaped_already(data)) data = escaped_form(data);
  }
  if (content_type([](std::string_view value) {
        return text::to_lower(value).contains("multipart/form-data;");
      })) {
    data = with_crlf(data);
  }
  if (input.autocomplete_headers) {
    if (!has(headers, "connection")) headers.push_back({.name = "Connection", .value = "close"});
    if (!has(headers, "content-length") && (!data.empty() || may_have_body(input.method))) {
      headers.push_back({.name = "Content-Length", .value = std::to_string(data.size())});
    }
  }
  std::string bytes = input.method + " " + input.uri + " " + input.version + "\r\n";
  for (const Header& each : headers) bytes += each.name + ": " + each.value + "\r\n";
  return bytes + "\r\n" + data;
}

}  // namespace sallyport::cli::waf
