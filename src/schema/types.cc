// How the typed scalars are written. Each parser says what to write instead where it can tell.
#include "schema/types.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/text.h"

namespace sallyport::schema {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kDurationUnits{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                                    Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array kSizeUnits{Unit{"B", 1},
                                Unit{"kB", 1000},
                                Unit{"MB", 1'000'000},
                                Unit{"GB", 1'000'000'000},
                                Unit{"KiB", kKiB},
                                Unit{"MiB", kMiB},
                                Unit{"GiB", kGiB},
                                Unit{"TB", 1'000'000'000'000},
                                Unit{"TiB", 1024 * kGiB}};
constexpr std::array kRateUnits{Unit{"s", 1}, Unit{"m", 60}, Unit{"h", 3600}, Unit{"d", 86'400}};

// Long enough for any timeout, short enough that nanoseconds still fit 64 bits.
constexpr std::uint64_t kLongestDuration = std::uint64_t{36'500} * 86'400'000;

std::unexpected<Problem> problem(std::string message, std::string suggestion = {}) {
  return std::unexpected(
      Problem{.message = std::move(message), .suggestion = std::move(suggestion)});
}

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view name) {
  auto found = std::ranges::find(units, name, &Unit::name);
  return found == units.end() ? nullptr : &*found;
}

struct Split {
  std::string_view digits;
  std::string_view rest;
};

Split split_number(std::string_view text) {
  std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  return {.digits = text.substr(0, end), .rest = text.substr(end)};
}

std::string write(std::string_view text) { return "Write \"" + std::string(text) + "\"."; }

// What people write for a unit of time, and the unit they mean.
std::string_view meant_unit(std::string_view word) {
  std::string lower = text::to_lower(text::trim(word));
  if (lower.starts_with("ms") || lower.starts_with("milli")) return "ms";
  if (lower.empty()) return {};
  switch (lower.front()) {
    case 's':
      return "s";
    case 'm':
      return lower.starts_with("mo") ? "" : "m";
    case 'h':
      return "h";
    case 'd':
      return "d";
    default:
      return {};
  }
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  bool numeric = true;
  char before = '\0';
  for (char c : host) {
    char l = text::lower(c);
    bool digit = c >= '0' && c <= '9';
    if (!digit && c != '.' && c != '-' && c != '_' && (l < 'a' || l > 'z')) return false;
    if (c == '.' && before == '.') return false;
    if (!digit && c != '.') numeric = false;
    before = c;
  }
  // Digits and dots only: an IPv4 address, or a slip.
  in_addr address{};
  return !numeric || inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

bool is_ipv6(std::string_view host) {
  in6_addr address{};
  return host.size() < INET6_ADDRSTRLEN &&
         inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

struct HostAndRest {
  std::string_view host;
  std::string_view rest;  // empty, or from the colon on
};

// Splits "[::1]:80" or "name:80". No value: the host is malformed.
std::optional<HostAndRest> split_host(std::string_view text) {
  if (text.starts_with('[')) {
    std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1))) return std::nullopt;
    std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
    return HostAndRest{.host = text.substr(1, end - 1), .rest = rest};
  }
  std::size_t colon = std::min(text.find(':'), text.size());
  std::string_view host = text.substr(0, colon);
  if (!host.empty() && !is_host_name(host)) return std::nullopt;
  return HostAndRest{.host = host, .rest = text.substr(colon)};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::optional<std::uint64_t> number = text::to_number(text);
  if (!number || *number > 65535 || text.size() > 5) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::string join_host(std::string_view host, std::uint16_t port) {
  std::string out(host);
  if (host.contains(':')) out = '[' + out + ']';
  return out + ':' + std::to_string(port);
}

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration(0);
  auto [digits, rest] = split_number(text);
  if (digits.empty()) return problem("", "Write it like 250ms, 5s, 1m, 2h or 7d.");
  if (rest.empty()) return problem("it needs a unit", write(std::string(digits) + "s"));
  const Unit* unit = find_unit(kDurationUnits, rest);
  if (unit == nullptr) {
    std::string_view meant = meant_unit(rest);
    if (meant.empty()) return problem("", "Write it like 250ms, 5s, 1m, 2h or 7d.");
    return problem("", write(std::string(digits) + std::string(meant)));
  }
  std::optional<std::uint64_t> count = text::to_number(digits);
  if (!count || *count > kLongestDuration / unit->factor) return problem("it is too long");
  return Duration(static_cast<std::int64_t>(*count * unit->factor));
}

std::string to_text(Duration duration) {
  if (duration.count() <= 0) return "0";
  auto count = static_cast<std::uint64_t>(duration.count());
  const Unit* best = kDurationUnits.data();
  for (const Unit& unit : kDurationUnits) {
    if (count % unit.factor == 0) best = &unit;
  }
  return std::to_string(count / best->factor) + std::string(best->name);
}

Parsed<Size> parse_size(std::string_view text) {
  auto [digits, rest] = split_number(text);
  if (digits.empty()) return problem("", "Write it like 512B, 64KiB or 10MiB.");
  const Unit* unit = rest.empty() ? kSizeUnits.data() : find_unit(kSizeUnits, rest);
  if (unit == nullptr) {
    for (const Unit& candidate : kSizeUnits) {
      std::string lower = text::to_lower(text::trim(rest));
      std::string name = text::to_lower(candidate.name);
      if (name == lower || name == lower + "b" || name == lower + "ib") {
        return problem("", write(std::string(digits) + std::string(candidate.name)));
      }
    }
    return problem("", "Write it like 512B, 64KiB or 10MiB.");
  }
  std::optional<std::uint64_t> count = text::to_number(digits);
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!count || *count > kLargest / unit->factor) return problem("it is too large");
  return Size{.bytes = *count * unit->factor};
}

std::string to_text(Size size) {
  if (size.bytes == 0) return "0";
  const Unit* best = kSizeUnits.data();
  for (const Unit& unit : kSizeUnits) {
    bool exact = size.bytes % unit.factor == 0;
    bool binary = unit.name.contains('i');
    bool best_is_binary = best->name.contains('i');
    // Sizes of powers of two read better in binary units, all others in decimal ones.
    if (exact && (binary || !best_is_binary)) best = &unit;
  }
  return std::to_string(size.bytes / best->factor) + std::string(best->name);
}

Parsed<Rate> parse_rate(std::string_view text) {
  auto [digits, rest] = split_number(text);
  if (digits.empty()) return problem("", "Write it like 100/s or 1000/h.");
  if (rest.empty()) return problem("it needs a unit of time", write(std::string(digits) + "/s"));
  if (rest.front() != '/') return problem("", "Write it like 100/s or 1000/h.");
  const Unit* unit = find_unit(kRateUnits, rest.substr(1));
  if (unit == nullptr) {
    std::string_view meant = meant_unit(rest.substr(1));
    if (meant.empty() || meant == "ms") return problem("", "Write it like 100/s or 1000/h.");
    return problem("", write(std::string(digits) + "/" + std::string(meant)));
  }
  std::optional<std::uint64_t> count = text::to_number(digits);
  if (!count || *count > std::numeric_limits<std::uint32_t>::max()) {
    return problem("it is too high");
  }
  if (*count == 0) return problem("it must be at least 1");
  return Rate{.count = *count, .per = std::chrono::seconds(unit->factor)};
}

std::string to_text(Rate rate) {
  auto seconds = static_cast<std::uint64_t>(rate.per.count());
  std::string out = std::to_string(rate.count) + "/";
  for (const Unit& unit : kRateUnits) {
    if (unit.factor == seconds) return out + std::string(unit.name);
  }
  return out + std::to_string(seconds) + "s";
}

Parsed<Percent> parse_percent(std::string_view text) {
  std::string_view number = text;
  bool sign = number.ends_with('%');
  if (sign) number.remove_suffix(1);
  double value = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value,
                                      std::chars_format::fixed);
  bool plain = !number.empty() && number.find_first_not_of("0123456789.") == number.npos &&
               number.front() != '.' && number.back() != '.';
  if (!plain || error != std::errc{} || end != number.data() + number.size()) {
    return problem("", "Write it like 50% or 99.9%.");
  }
  if (!sign) return problem("the % is missing", write(std::string(number) + "%"));
  if (value > 100) return problem("it must be from 0% to 100%");
  return Percent{.value = value};
}

std::string to_text(Percent percent) {
  std::array<char, 32> buffer;
  auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), percent.value);
  return std::string(buffer.data(), end) + "%";
}

Parsed<HostPort> parse_host_port(std::string_view text) {
  constexpr std::string_view kHow = "Write it like 127.0.0.1:9901, [::1]:80 or :8443.";
  if (text::to_number(text)) {
    return problem("it is only a number", write(":" + std::string(text)));
  }
  if (text.starts_with("*:")) return problem("", write(text.substr(1)));
  if (!text.starts_with('[') && is_ipv6(text)) {
    return problem("an IPv6 address needs brackets and a port",
                   write("[" + std::string(text) + "]:8443"));
  }
  std::optional<HostAndRest> split = split_host(text);
  if (!split || text.empty()) return problem("", std::string(kHow));
  if (split->rest.empty()) return problem("the port is missing", std::string(kHow));
  std::optional<std::uint16_t> port = parse_port(split->rest.substr(1));
  if (!port) return problem("the port must be a number from 0 to 65535");
  return HostPort{.host = std::string(split->host), .port = *port};
}

std::string to_text(const HostPort& host_port) { return join_host(host_port.host, host_port.port); }

Parsed<Origin> parse_origin(std::string_view text) {
  constexpr std::string_view kHow = "Write it like http://10.0.0.1:9000 or https://api.internal.";
  Origin origin;
  std::string_view rest = text;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
    origin.tls = true;
  } else if (!rest.contains("://") && parse_host_port(rest)) {
    return problem("the scheme is missing", write("http://" + std::string(text)));
  } else {
    return problem("", std::string(kHow));
  }
  std::size_t end = rest.find_first_of("/?#");
  if (std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    // A password may hold anything: only what stands behind it is shown again.
    std::string meant = (origin.tls ? "https://" : "http://") + std::string(rest.substr(at + 1));
    bool name = rest.find('@') < end;
    return problem(name ? "no user name or password may stand in it" : "",
                   name && parse_origin(meant) ? write(meant) : std::string(kHow));
  }
  if (end != std::string_view::npos) {
    std::string_view until = text.substr(0, text.size() - (rest.size() - end));
    return problem("nothing may follow the port", write(until));
  }
  std::optional<HostAndRest> split = split_host(rest);
  if (!split || split->host.empty()) return problem("", std::string(kHow));
  origin.host = split->host;
  origin.port = origin.tls ? 443 : 80;
  if (split->rest.empty()) return origin;
  std::optional<std::uint16_t> port = parse_port(split->rest.substr(1));
  if (!port || *port == 0) return problem("the port must be a number from 1 to 65535");
  origin.port = *port;
  return origin;
}

std::string to_text(const Origin& origin) {
  std::uint16_t usual = origin.tls ? 443 : 80;
  std::string host = join_host(origin.host, origin.port);
  if (origin.port == usual) host.resize(host.rfind(':'));
  return (origin.tls ? "https://" : "http://") + host;
}

}  // namespace sallyport::schema
