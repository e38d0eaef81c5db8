// IP addresses, networks and sets of networks. IPv4-mapped IPv6 addresses count as IPv4.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::net {

// 16 bytes in network order; IPv4 as ::ffff:a.b.c.d.
struct Address {
  std::array<std::uint8_t, 16> bytes{};

  // Dotted decimal (four parts, no zeros in front) or an IPv6 address without brackets or zone.
  [[nodiscard]] static std::optional<Address> parse(std::string_view text);
  // The address of an IPv4 or IPv6 socket; all zeros for any other family.
  [[nodiscard]] static Address from(const sockaddr_storage& address);
  // Our end of a connected socket, which one system call asks for; all zeros if it has none.
  [[nodiscard]] static Address local_of(int fd);
  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] bool is_loopback() const;
  static constexpr std::size_t kLongestText = 46;
  // Writes the usual text form (RFC 5952) to `out` (at least kLongestText); returns its length.
  std::size_t write(char* out) const;
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

struct Cidr {
  Address network;      // bits beyond the prefix are zero
  std::uint8_t prefix;  // 0..128, counted in the 16-byte form

  // "10.0.0.0/8", "2001:db8::/32" or a single address. Bits set beyond the prefix are an error,
  // because they nearly always are a slip. `error`, unless null, receives a sentence for people.
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text, std::string* error);
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] std::string text() const;
};

// A set of networks, immutable after construction; lookups cost the same for 5 or 50,000 entries
// (sorted, binary search over merged ranges).
class CidrSet {
 public:
  CidrSet() = default;
  explicit CidrSet(std::vector<Cidr> networks);
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] const std::vector<Cidr>& networks() const { return networks_; }

 private:
  struct Range {
    Address first;
    Address last;
  };
  std::vector<Cidr> networks_;
  std::vector<Range> ranges_;
};

}  // namespace sallyport::net
