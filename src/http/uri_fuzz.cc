// Targets from any bytes: what is accepted is in normal form, and normalising that changes nothing.
#include <array>
#include <string>

#include "base/fuzzing.h"
#include "http/uri.h"

namespace sallyport::http {
namespace {

using fuzzing::require;

void check_normal(std::string_view path) {
  require(path.starts_with('/'));
  for (char c : path) require(c > 0x20 && c < 0x7F && c != '?' && c != '#' && c != '\\');
  std::string closed = std::string(path) + "/";
  for (std::string_view dots : {"/./", "/../", "/.;", "/..;"}) {
    require(closed.find(dots) == std::string::npos);
  }
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    std::string_view escape = path.substr(at, 3);
    require(escape.size() == 3 && escape != "%2F" && escape != "%5C" && escape != "%00");
  }
}

void check(std::string_view bytes, bool options, bool merge) {
  alignas(8) std::array<std::byte, 256> block;
  Arena arena(block);
  std::string exact(bytes);
  exact.shrink_to_fit();
  Result<Target> first = parse_target(exact, options, merge, arena);
  if (!first || first->path == "*") return;
  check_normal(first->path);
  if (merge) require(first->path.find("//") == std::string_view::npos);

  std::string again(first->path);
  if (first->has_query) again += "?" + std::string(first->query);
  Result<Target> second = parse_target(again, options, merge, arena);
  require(second.has_value());
  require(second->path == first->path && second->query == first->query);
  require(second->has_query == first->has_query);
}

void check_authority(std::string_view bytes) {
  alignas(8) std::array<std::byte, 256> block;
  Arena arena(block);
  std::string exact(bytes);
  exact.shrink_to_fit();
  Result<Authority> first = parse_authority(exact, arena);
  if (!first) return;
  require(!first->host.empty() && first->text.starts_with(first->host));
  std::string again(first->text);
  Result<Authority> second = parse_authority(again, arena);
  require(second.has_value() && second->text == first->text && second->host == first->host);
  require(second->port == first->port && second->has_port == first->has_port);
}

}  // namespace
}  // namespace sallyport::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  sallyport::http::check(bytes, false, false);
  sallyport::http::check(bytes, true, true);
  sallyport::http::check_authority(bytes);
  return 0;
}
