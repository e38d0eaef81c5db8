// Both headers are lists to which each proxy appends, over any number of field lines. They are read
// forwards, because quotes can only be read that way, and walked backwards.
#include "http/client_address.h"

#include <array>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "http/chars.h"

namespace sallyport::http {
namespace {

// The last hops of a list; older ones are forgotten. Nobody stands behind this many proxies.
class Hops {
 public:
  // An element that names no address.
  void add_nobody() { add(std::nullopt); }
  void add(std::optional<net::Address> hop) { hops_[count_++ % kMost] = hop; }
  [[nodiscard]] std::size_t size() const { return count_ < kMost ? count_ : kMost; }
  // The i-th from the right.
  [[nodiscard]] const std::optional<net::Address>& from_right(std::size_t i) const {
    return hops_[(count_ - 1 - i) % kMost];
  }

 private:
  static constexpr std::size_t kMost = 32;
  std::array<std::optional<net::Address>, kMost> hops_;
  std::size_t count_ = 0;
};

bool is_port(std::string_view text) {
  return text.size() <= 5 && text::to_number(text).value_or(65536) <= 65535;
}

// "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]", "[2001:db8::1]:80", and by choice "2001:db8::1".
std::optional<net::Address> parse_node(std::string_view node, bool bare_v6) {
  if (node.starts_with('[')) {
    std::size_t close = node.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    std::string_view literal = node.substr(1, close - 1);
    std::string_view rest = node.substr(close + 1);
    bool port = rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
    if (!port || literal.find(':') == std::string_view::npos) return std::nullopt;
    return net::Address::parse(literal);
  }
  std::size_t colon = node.find(':');
  if (colon == std::string_view::npos) return net::Address::parse(node);
  if (node.find(':', colon + 1) != std::string_view::npos) {
    return bare_v6 ? net::Address::parse(node) : std::nullopt;
  }
  if (!is_port(node.substr(colon + 1))) return std::nullopt;
  return net::Address::parse(node.substr(0, colon));
}

void read_x_forwarded_for(std::string_view list, Hops& hops) {
  text::for_each_element(list, [&](std::string_view node) { hops.add(parse_node(node, true)); });
}

// Reads one Forwarded field (RFC 7239 4): elements of "name=value" pairs, values tokens or quoted.
class ForwardedReader {
 public:
  ForwardedReader(std::string_view list, Hops& hops) : rest_(list), hops_(hops) {}

  void read() {
    while (!rest_.empty()) {
      skip_blanks();
      if (take(',') || rest_.empty()) continue;  // lists may have empty elements
      if (!read_element()) {
        hops_.add_nobody();  // where the next element starts cannot be known
        return;
      }
    }
  }

 private:
  // False: malformed. Otherwise the element and the comma behind it are read.
  bool read_element() {
    std::optional<net::Address> hop;
    bool named = false;
    for (;;) {
      std::string_view name = take_token();
      if (name.empty() || !take('=')) return false;
      std::string_view value;
      if (!take_value(value)) return false;
      if (text::equals_ignoring_case(name, "for")) {
        if (named) return false;
        named = true;
        hop = parse_node(value, false);
      }
      skip_blanks();
      if (rest_.empty() || take(',')) break;
      if (!take(';')) return false;
      skip_blanks();
    }
    hops_.add(hop);
    return true;
  }

  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_token() {
    std::size_t size = 0;
    while (size < rest_.size() && is(rest_[size], kTokenChar)) ++size;
    std::string_view token = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return token;
  }

  // No address needs an escape, so a quoted value with one is left as it stands: it will not parse.
  bool take_value(std::string_view& value) {
    if (!take('"')) {
      value = take_token();
      return !value.empty();
    }
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        value = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }

  std::string_view rest_;
  Hops& hops_;
};

}  // namespace

ClientAddress client_address(const net::Address& peer, const Headers& headers, ForwardedBy source,
                             const net::CidrSet& trusted) {
  ClientAddress client{.address = peer, .from_header = false};
  if (source == ForwardedBy::none || !trusted.contains(peer)) return client;
  HeaderId id = source == ForwardedBy::forwarded ? HeaderId::forwarded : HeaderId::x_forwarded_for;
  if (!headers.maybe_has(id)) return client;

  Hops hops;
  for (const Field& field : headers) {
    if (field.id != id || field.removed) continue;
    if (source == ForwardedBy::forwarded) {
      ForwardedReader(field.value(), hops).read();
    } else {
      read_x_forwarded_for(field.value(), hops);
    }
  }
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const std::optional<net::Address>& hop = hops.from_right(i);
    if (!hop) break;
    client = {.address = *hop, .from_header = true};
    if (!trusted.contains(*hop)) break;
  }
  return client;
}

}  // namespace sallyport::http
