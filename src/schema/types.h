// The typed scalars of the configuration language, and how each is written. Parsing is strict: no
// spaces, no fractions where a whole number is meant, no unit left out.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "schema/node.h"

namespace sallyport::schema {

// Why a scalar does not parse. An empty message lets the codec say "X is not a TYPE".
struct Problem {
  std::string message;
  std::string suggestion;
};

template <typename T>
using Parsed = std::expected<T, Problem>;

// Durations are std::chrono durations: 250ms, 5s, 1m, 2h, 7d, and plain 0.
using Duration = std::chrono::milliseconds;
[[nodiscard]] Parsed<Duration> parse_duration(std::string_view text);
[[nodiscard]] std::string to_text(Duration duration);

// A number of bytes: 512B, 8kB, 64KiB, 10MiB, 1GiB, or a bare number of bytes.
struct Size {
  std::uint64_t bytes = 0;
  friend auto operator<=>(const Size&, const Size&) = default;
};
inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;
[[nodiscard]] Parsed<Size> parse_size(std::string_view text);
[[nodiscard]] std::string to_text(Size size);

// So many per unit of time: 100/s, 600/m, 1000/h, 5000/d. The count is at least 1.
struct Rate {
  std::uint64_t count = 0;
  std::chrono::seconds per{1};
  friend bool operator==(const Rate&, const Rate&) = default;
  [[nodiscard]] double per_second() const {
    return static_cast<double>(count) / static_cast<double>(per.count());
  }
  friend std::partial_ordering operator<=>(const Rate& a, const Rate& b) {
    return a.per_second() <=> b.per_second();
  }
};
[[nodiscard]] Parsed<Rate> parse_rate(std::string_view text);
[[nodiscard]] std::string to_text(Rate rate);

// 0% to 100%, fractions allowed: 50%, 99.9%.
struct Percent {
  double value = 0;
  friend auto operator<=>(const Percent&, const Percent&) = default;
  [[nodiscard]] double fraction() const { return value / 100; }
};
[[nodiscard]] Parsed<Percent> parse_percent(std::string_view text);
[[nodiscard]] std::string to_text(Percent percent);

// A place to listen on or connect to: "127.0.0.1:9901", "[::1]:80", "db.internal:5432", ":8443".
// An empty host means every address. The host is kept without brackets.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};
[[nodiscard]] Parsed<HostPort> parse_host_port(std::string_view text);
[[nodiscard]] std::string to_text(const HostPort& host_port);

// Scheme, host and port of an HTTP server, nothing after it: "http://10.0.0.1:9000",
// "https://api.internal". The port defaults to the scheme's.
struct Origin {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};
[[nodiscard]] Parsed<Origin> parse_origin(std::string_view text);
[[nodiscard]] std::string to_text(const Origin& origin);

// A name in the file system; relative names count from the folder of the configuration file.
struct FilePath {
  std::string written;   // as in the file
  std::string resolved;  // to open
  friend bool operator==(const FilePath&, const FilePath&) = default;
  [[nodiscard]] bool empty() const { return written.empty(); }
};

// A string that must not be printed. The file may only refer to it (`${env:}`, `${file:}`).
class Secret {
 public:
  Secret() = default;
  Secret(std::string value, std::string origin)
      : value_(std::move(value)), origin_(std::move(origin)) {}
  // The secret itself. Not for logs, messages or output.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  // The reference it came from, to print in its place.
  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
  std::string origin_;
};

// A value with its place, for checks that run after parsing (names that must exist, overlaps).
template <typename T>
struct Marked {
  T value{};
  Where where;
};

// A part of the file set aside as it is, to be read later by whoever knows it:
//   Context later(diagnostics, raw.where.path);
struct Raw {
  Node node;
  Where where;
};

// One entry of a map with open keys.
template <typename T>
struct Named {
  std::string name;
  Where where;  // of the key
  T value{};
};

// Entries of maps whose keys are names the user chose, in file order.
template <typename T>
using NamedList = std::vector<Named<T>>;

// A key that a table hands on unread, see Fields::rest.
using Block = Named<Node>;

}  // namespace sallyport::schema
