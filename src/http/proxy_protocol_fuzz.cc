// PROXY headers from any bytes: never more consumed than given, the same however much follows, and
// never refused half-way when the whole is fine.
#include <string>

#include "base/fuzzing.h"
#include "http/proxy_protocol.h"

namespace sallyport::http {
namespace {

using fuzzing::require;

void check(std::span<const std::byte> bytes) {
  Result<ProxyHeader> whole = parse_proxy_header(bytes);
  if (!whole) return;
  if (whole->consumed == 0) {
    require(bytes.size() < kLongestProxyHeader);
    return;
  }
  require(whole->consumed <= bytes.size() && whole->consumed <= kLongestProxyHeader);
  for (std::size_t size = 0; size < whole->consumed; ++size) {
    Result<ProxyHeader> part = parse_proxy_header(bytes.first(size));
    require(part.has_value() && part->consumed == 0);
  }
  Result<ProxyHeader> exact = parse_proxy_header(bytes.first(whole->consumed));
  require(exact.has_value() && exact->consumed == whole->consumed);
  require(exact->local == whole->local && exact->source == whole->source);
  require(exact->source_port == whole->source_port);
}

}  // namespace
}  // namespace sallyport::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string copy(reinterpret_cast<const char*>(data), size);
  copy.shrink_to_fit();
  sallyport::http::check(std::as_bytes(std::span(copy)));
  return 0;
}
