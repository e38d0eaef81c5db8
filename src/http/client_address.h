// Who the client is when proxies stand before us. Only what a trusted proxy wrote is believed.
#pragma once

#include "http/address.h"
#include "http/headers.h"

namespace sallyport::http {

enum class ForwardedBy : unsigned char { none, x_forwarded_for, forwarded };

struct ClientAddress {
  net::Address address;
  bool from_header = false;
};

// Walks the chosen header from the right, skipping trusted proxies, to the first address that is
// not one. The peer itself must be trusted, otherwise it is the client. An element that is no
// address (obfuscated, "unknown", malformed) ends the walk: the last believed address is used.
[[nodiscard]] ClientAddress client_address(const net::Address& peer, const Headers& headers,
                                           ForwardedBy source, const net::CidrSet& trusted);

}  // namespace sallyport::http
