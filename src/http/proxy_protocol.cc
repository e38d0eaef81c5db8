// Version 1 is one line of text, version 2 a binary block; the first bytes tell them apart.
#include "http/proxy_protocol.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/reasons.h"

namespace sallyport::http {
namespace {

constexpr std::string_view kTextStart = "PROXY ";
constexpr std::size_t kLongestLine = 107;  // of version 1, CRLF included
constexpr std::string_view kBinaryStart("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedPart = 16;  // of version 2: signature, command, family, length

std::unexpected<Stop> refuse(std::string_view what) {
  return stop(reasons::kBadProxyHeader, std::string(what));
}

// "0" to "65535" without zeros in front.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  auto number = text::to_number(text);
  if (!number || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

// An address written in the family's own notation.
std::optional<net::Address> parse_address(std::string_view text, bool v4) {
  bool dotted = text.find(':') == std::string_view::npos;
  return dotted == v4 ? net::Address::parse(text) : std::nullopt;
}

// Cuts the next field off `rest`; fields are separated by exactly one space.
std::string_view take_field(std::string_view& rest) {
  std::size_t space = rest.find(' ');
  std::string_view field = rest.substr(0, space);
  rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
  return field;
}

// `line` is what stands between "PROXY " and CRLF.
Result<ProxyHeader> parse_line(std::string_view line) {
  ProxyHeader out;
  std::string_view family = take_field(line);
  if (family == "UNKNOWN") {
    out.local = true;
    return out;
  }
  if (family != "TCP4" && family != "TCP6") return refuse("unknown family");
  bool v4 = family == "TCP4";
  std::optional<net::Address> source = parse_address(take_field(line), v4);
  std::optional<net::Address> destination = parse_address(take_field(line), v4);
  std::optional<std::uint16_t> source_port = parse_port(take_field(line));
  std::optional<std::uint16_t> destination_port = parse_port(line);
  if (!source || !destination || !source_port || !destination_port) {
    return refuse("malformed address or port");
  }
  out.source = *source;
  out.source_port = *source_port;
  return out;
}

Result<ProxyHeader> parse_text(std::string_view bytes) {
  std::string_view line = bytes.substr(0, kLongestLine);
  std::size_t feed = line.find('\n');
  if (feed == std::string_view::npos) {
    if (line.size() == kLongestLine) return refuse("the line has no end");
    return ProxyHeader{};
  }
  if (line[feed - 1] != '\r') return refuse("the line does not end in CRLF");
  Result<ProxyHeader> out =
      parse_line(line.substr(kTextStart.size(), feed - 1 - kTextStart.size()));
  if (out) out->consumed = feed + 1;
  return out;
}

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

std::uint16_t number_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint16_t>(byte_at(bytes, i) << 8 | byte_at(bytes, i + 1));
}

// Source address and port from the payload: source, destination, source port, destination port.
Result<ProxyHeader> read_addresses(std::string_view payload, std::size_t address_size) {
  if (payload.size() < 2 * address_size + 4) return refuse("the addresses are cut short");
  ProxyHeader out;
  if (address_size == 4) out.source.bytes[10] = out.source.bytes[11] = 0xFF;
  std::memcpy(out.source.bytes.data() + 16 - address_size, payload.data(), address_size);
  out.source_port = number_at(payload, 2 * address_size);
  return out;
}

Result<ProxyHeader> parse_payload(unsigned command, unsigned family, std::string_view payload) {
  ProxyHeader local;
  local.local = true;
  if (command == 0x20) return local;
  if (command != 0x21) return refuse("unknown version or command");
  switch (family) {
    case 0x11:
    case 0x12:
      return read_addresses(payload, 4);
    case 0x21:
    case 0x22:
      return read_addresses(payload, 16);
    case 0x00:
    case 0x31:
    case 0x32:
      return local;
    default:
      return refuse("unknown family or transport");
  }
}

Result<ProxyHeader> parse_binary(std::string_view bytes) {
  if (bytes.size() < kFixedPart) return ProxyHeader{};
  std::size_t size = number_at(bytes, 14);
  if (kFixedPart + size > kLongestProxyHeader) return refuse("the payload is too long");
  if (bytes.size() < kFixedPart + size) return ProxyHeader{};
  Result<ProxyHeader> out =
      parse_payload(byte_at(bytes, 12), byte_at(bytes, 13), bytes.substr(kFixedPart, size));
  if (out) out->consumed = kFixedPart + size;
  return out;
}

// Whether `bytes` start with `start`, as far as there are any.
bool may_start_with(std::string_view bytes, std::string_view start) {
  std::size_t size = std::min(bytes.size(), start.size());
  return bytes.substr(0, size) == start.substr(0, size);
}

}  // namespace

Result<ProxyHeader> parse_proxy_header(std::span<const std::byte> bytes) {
  // The same bytes, as characters.
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (may_start_with(text, kTextStart)) {
    return text.size() < kTextStart.size() ? ProxyHeader{} : parse_text(text);
  }
  if (may_start_with(text, kBinaryStart)) return parse_binary(text);
  return refuse("neither version's signature");
}

}  // namespace sallyport::http
