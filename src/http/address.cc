// Text forms of addresses are read and written by the C library, which is strict; sets are sorted
// ranges.
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace sallyport::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kMappedBits = 96;

Address from_v4(const void* four_bytes) {
  Address out;
  std::ranges::copy(kMapped, out.bytes.begin());
  std::memcpy(out.bytes.data() + kMapped.size(), four_bytes, 4);
  return out;
}

// `address` with every bit behind the first `prefix` set to `ones`.
Address fill_behind(Address address, unsigned prefix, bool ones) {
  for (unsigned i = 0; i < 16; ++i) {
    unsigned kept = prefix <= i * 8 ? 0 : std::min(prefix - i * 8, 8U);
    unsigned behind = 0xFFU >> kept;
    unsigned byte = address.bytes[i];
    address.bytes[i] = static_cast<std::uint8_t>(ones ? byte | behind : byte & ~behind);
  }
  return address;
}

// The address behind `address`; false if there is none.
bool next(Address& address) {
  for (auto byte = address.bytes.rbegin(); byte != address.bytes.rend(); ++byte) {
    if (++*byte != 0) return true;
  }
  return false;
}

void explain(std::string* error, std::string message) {
  if (error != nullptr) *error = std::move(message);
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof terminated ||
      text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  Address out;
  if (inet_pton(AF_INET6, terminated, out.bytes.data()) == 1) return out;
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, terminated, v4.data()) == 1) return from_v4(v4.data());
  return std::nullopt;
}

Address Address::local_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return from(address);
}

Address Address::from(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return from_v4(&v4.sin_addr);
  }
  Address out;
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(out.bytes.data(), &v6.sin6_addr, out.bytes.size());
  }
  return out;
}

bool Address::is_v4() const { return std::memcmp(bytes.data(), kMapped.data(), 12) == 0; }

bool Address::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  Address one;
  one.bytes[15] = 1;
  return *this == one;
}

std::size_t Address::write(char* out) const {
  if (!is_v4()) {
    inet_ntop(AF_INET6, bytes.data(), out, INET6_ADDRSTRLEN);
    return std::strlen(out);
  }
  char* p = out;
  for (std::size_t i = 12; i < 16; ++i) {
    if (i != 12) *p++ = '.';
    p = std::to_chars(p, p + 3, unsigned{bytes[i]}).ptr;
  }
  return static_cast<std::size_t>(p - out);
}

std::string Address::text() const {
  char out[INET6_ADDRSTRLEN];
  return {out, write(out)};
}

std::optional<Cidr> Cidr::parse(std::string_view text, std::string* error) {
  std::size_t slash = text.find('/');
  std::string_view host = text.substr(0, slash);
  std::optional<Address> address = Address::parse(host);
  if (!address) {
    explain(error, "\"" + std::string(host) + "\" is not an IP address");
    return std::nullopt;
  }
  bool dotted = host.find(':') == std::string_view::npos;
  unsigned bits = dotted ? 32 : 128;
  unsigned prefix = bits;
  if (slash != std::string_view::npos) {
    std::string_view digits = text.substr(slash + 1);
    auto number = digits.size() <= 3 ? text::to_number(digits) : std::nullopt;
    if (!number || *number > bits) {
      explain(error, "the prefix length \"" + std::string(digits) +
                         "\" is not a number from 0 to " + std::to_string(bits));
      return std::nullopt;
    }
    prefix = static_cast<unsigned>(*number);
  }
  if (dotted) prefix += kMappedBits;
  Cidr out{.network = fill_behind(*address, prefix, false),
           .prefix = static_cast<std::uint8_t>(prefix)};
  if (out.network != *address) {
    explain(error, "\"" + std::string(text) + "\" has bits set beyond its prefix; the network is " +
                       out.text());
    return std::nullopt;
  }
  return out;
}

bool Cidr::contains(const Address& address) const {
  return fill_behind(address, prefix, false) == network;
}

std::string Cidr::text() const {
  bool dotted = network.is_v4() && prefix >= kMappedBits;
  return network.text() + "/" + std::to_string(dotted ? prefix - kMappedBits : prefix);
}

CidrSet::CidrSet(std::vector<Cidr> networks) : networks_(std::move(networks)) {
  std::vector<Range> sorted;
  sorted.reserve(networks_.size());
  for (const Cidr& cidr : networks_) {
    sorted.push_back({.first = fill_behind(cidr.network, cidr.prefix, false),
                      .last = fill_behind(cidr.network, cidr.prefix, true)});
  }
  std::ranges::sort(sorted, {}, [](const Range& range) { return range.first.bytes; });
  for (const Range& range : sorted) {
    if (ranges_.empty()) {
      ranges_.push_back(range);
      continue;
    }
    Range& open = ranges_.back();
    Address behind = open.last;
    bool touches = !next(behind) || range.first.bytes <= behind.bytes;
    if (!touches) {
      ranges_.push_back(range);
    } else if (open.last.bytes < range.last.bytes) {
      open.last = range.last;
    }
  }
}

bool CidrSet::contains(const Address& address) const {
  auto behind = std::ranges::upper_bound(ranges_, address.bytes, {},
                                         [](const Range& range) { return range.first.bytes; });
  return behind != ranges_.begin() && address.bytes <= std::prev(behind)->last.bytes;
}

}  // namespace sallyport::net
