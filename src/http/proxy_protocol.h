// The PROXY protocol, versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt), receiver's side.
// Pure: bytes in, address out.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "http/address.h"

namespace sallyport::http {

// Version 2 could announce 64 KiB. Senders add a few hundred bytes to the addresses (names, TLS
// facts, ids of cloud networks); this leaves them room and is little to keep for a stranger.
inline constexpr std::size_t kLongestProxyHeader = 16 + 4096;

struct ProxyHeader {
  std::size_t consumed = 0;  // 0: more bytes are needed (at most kLongestProxyHeader in all)
  bool local = false;        // LOCAL command or UNKNOWN: keep the socket's own address
  net::Address source;
  std::uint16_t source_port = 0;
};

// Reads a header at the start of a connection. It must be there: anything else is an error.
[[nodiscard]] Result<ProxyHeader> parse_proxy_header(std::span<const std::byte> bytes);

}  // namespace sallyport::http
