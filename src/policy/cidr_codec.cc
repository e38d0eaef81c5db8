// See cidr_codec.h.
#include "policy/cidr_codec.h"

#include <utility>
#include <vector>

namespace sallyport::schema {

bool Codec<net::CidrSet>::read(const Node& node, Context& context, net::CidrSet& out) {
  std::vector<net::Cidr> networks;
  if (!Codec<std::vector<net::Cidr>>::read(node.is_scalar() ? as_list(node) : node, context,
                                           networks)) {
    return false;
  }
  out = net::CidrSet(std::move(networks));
  return true;
}

Shape Codec<net::CidrSet>::shape(const net::CidrSet& /*initial*/) {
  Shape shape;
  shape.kind = Shape::Kind::either;
  shape.type = "list of networks, or a single one";
  shape.format_hint = Codec<net::Cidr>::kHint;
  shape.inner = {Codec<std::vector<net::Cidr>>::shape({}), Codec<net::Cidr>::shape({})};
  return shape;
}

std::string Codec<net::CidrSet>::to_json(const net::CidrSet& value) {
  return Codec<std::vector<net::Cidr>>::to_json(value.networks());
}

}  // namespace sallyport::schema
