// How networks are written in the configuration: "10.0.0.0/8", "2001:db8::/32", or an address. A
// set is a list of them, or a single one.
#pragma once

#include <string>

#include "http/address.h"
#include "schema/codec.h"

namespace sallyport::schema {

template <>
struct Codec<net::Cidr> : ScalarCodec<net::Cidr, Codec<net::Cidr>> {
  static constexpr std::string_view kType = "network";
  static constexpr std::string_view kPattern = "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$";
  static constexpr std::string_view kHint = "`10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`";
  static Parsed<net::Cidr> parse(std::string_view text) {
    std::string error;
    std::optional<net::Cidr> cidr = net::Cidr::parse(text, &error);
    if (cidr) return *cidr;
    return std::unexpected(Problem{.message = std::move(error)});
  }
  static std::string text(const net::Cidr& cidr) { return cidr.text(); }
};

template <>
struct Codec<net::CidrSet> {
  static bool read(const Node& node, Context& context, net::CidrSet& out);
  static Shape shape(const net::CidrSet& initial);
  static std::string to_json(const net::CidrSet& value);
};

}  // namespace sallyport::schema
