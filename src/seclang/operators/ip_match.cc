// @ipMatch and @ipMatchFromFile: the value is an address of one of the listed networks.
//
// Bits of a network beyond its prefix do not matter. IPv4 and IPv6 are apart: an IPv6 network never
// holds an IPv4 address; but IPv4-mapped IPv6 addresses count as IPv4.
#include "base/text.h"
#include "http/address.h"
#include "seclang/operators/argument_files.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

struct Networks {
  std::vector<net::Cidr> v4;
  std::vector<net::Cidr> v6;
};

class IpMatch final : public Operator {
 public:
  explicit IpMatch(Networks networks) : v4_(std::move(networks.v4)), v6_(std::move(networks.v6)) {}

  bool evaluate(std::string_view value, Evaluation& /*evaluation*/) const override {
    auto address = net::Address::parse(value.substr(0, value.find('\0')));
    return address && (address->is_v4() ? v4_ : v6_).contains(*address);
  }

 private:
  net::CidrSet v4_;
  net::CidrSet v6_;
};

void clear_behind(net::Address& address, unsigned prefix) {
  for (unsigned bit = prefix; bit < 128; ++bit) {
    address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  }
}

// False: not a network.
bool add(std::string_view text, Networks& into) {
  std::size_t slash = text.find('/');
  bool v6 = text.find(':') != std::string_view::npos;
  auto address = net::Address::parse(text::trim(text.substr(0, slash)));
  if (!address) return false;
  std::uint64_t most = v6 ? 128 : 32;
  std::uint64_t prefix = most;
  if (slash != std::string_view::npos) {
    prefix = text::to_number(text::trim(text.substr(slash + 1))).value_or(most + 1);
  }
  if (prefix > most) return false;
  auto bits = static_cast<std::uint8_t>(prefix + 128 - most);
  clear_behind(*address, bits);
  // A mapped network as wide as the whole of IPv4, or narrower, is one of IPv4's.
  (address->is_v4() && bits >= 96 ? into.v4 : into.v6)
      .push_back({.network = *address, .prefix = bits});
  return true;
}

std::string not_a_network(std::string_view text) {
  return "\"" + std::string(text) +
         "\" is not an address or network (192.0.2.1, 10.0.0.0/8, 2001:db8::/32)";
}

// The error of the first element that is wrong, if any.
std::string add_list(std::string_view list, Networks& into) {
  std::string error;
  text::for_each_element(list, [&](std::string_view element) {
    if (error.empty() && !add(element, into)) error = not_a_network(element);
  });
  return error;
}

}  // namespace

Made make_ip_match(const OperatorSource& source) {
  Networks networks;
  std::string error = add_list(source.argument, networks);
  if (!error.empty()) return std::unexpected(error);
  return std::make_unique<IpMatch>(std::move(networks));
}

Made make_ip_match_from_file(const OperatorSource& source) {
  auto content = read_argument_files(source);
  if (!content) return std::unexpected(content.error());
  Networks networks;
  std::string error;
  for_each_line(*content, [&](std::string_view line) {
    if (error.empty()) error = add_list(line.substr(0, line.find('#')), networks);
  });
  if (!error.empty()) return std::unexpected(error + " in " + std::string(source.argument));
  return std::make_unique<IpMatch>(std::move(networks));
}

}  // namespace sallyport::seclang
