// See words.h.
#include "config/words.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/arena.h"
#include "base/text.h"
#include "http/uri.h"
#include "schema/context.h"

namespace sallyport::config {
namespace {

constexpr bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr bool is_token(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

std::string in_quotes(std::string_view word) { return '"' + std::string(word) + '"'; }

}  // namespace

std::string header_name_fault(std::string_view name) {
  return is_token(name) ? "" : in_quotes(name) + " is not the name of a header";
}

std::string cookie_name_fault(std::string_view name) {
  return is_token(name) ? "" : in_quotes(name) + " is not the name of a cookie";
}

std::string method_fault(std::string_view method) {
  if (!is_token(method)) return in_quotes(method) + " is not a method";
  bool lower = std::ranges::any_of(method, [](char c) { return c >= 'a' && c <= 'z'; });
  if (lower) return in_quotes(method) + " is not a method: methods are written in capitals";
  if (method == "CONNECT") return "CONNECT is never served";
  return {};
}

std::string name_fault(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_alnum(c) || c == '_' || c == '-' || c == '.';
  });
  if (!plain) return in_quotes(name) + " is not a name: letters, digits, '_', '-' and '.' are";
  if (name.size() > kLongest) return "a name has at most 64 characters";
  return {};
}

std::string host_pattern_fault(std::string_view host) {
  std::string_view rest = host;
  if (rest == "*") return "\"*\" is every host: leave \"hosts\" out to say that";
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  if (rest.contains('*')) return in_quotes(host) + ": '*' may only be the whole first label";
  if (rest.ends_with('.')) return in_quotes(host) + " must not end with a dot";
  bool port = rest.contains(':') && !rest.ends_with(']');
  if (port) return in_quotes(host) + " must not have a port: hosts count on every port";
  std::string fault = authority_fault(rest);
  return fault.empty() ? fault : in_quotes(host) + " is not a host";
}

std::string authority_fault(std::string_view authority) {
  std::array<std::byte, 512> memory;
  Arena arena(memory);
  Result<http::Authority> parsed = http::parse_authority(authority, arena);
  if (parsed) return {};
  return in_quotes(schema::without_userinfo(authority)) + " is not a host with an optional port";
}

std::string path_fault(std::string_view path) {
  if (!path.starts_with('/')) return "a path starts with '/'";
  std::array<std::byte, 512> memory;
  Arena arena(memory);
  Result<http::Target> target = http::parse_target(path, false, false, arena);
  if (!target) return in_quotes(path) + " is not a path";
  if (target->has_query) return in_quotes(path) + " has a query; only a path may stand here";
  if (target->path != path) return "write " + in_quotes(target->path) + ", which is the same path";
  return {};
}

const std::vector<std::string>& masked_headers() {
  static const std::vector<std::string> names = {
      "authorization",        "cookie",       "proxy-authorization", "set-cookie", "x-api-key",
      "x-amz-security-token", "x-auth-token", "x-csrf-token",
  };
  return names;
}

const std::vector<std::string>& masked_query() {
  static const std::vector<std::string> names = {
      "access_token", "api_key",       "apikey", "auth", "client_secret", "code",  "id_token",
      "password",     "refresh_token", "secret", "sig",  "signature",     "token",
  };
  return names;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " and " : ", ";
    list += '`' + words[i] + '`';
  }
  return list;
}

}  // namespace sallyport::config
