#include "policies/authenticate/signature/hmac_place.h"

#include <array>
#include <chrono>

#include "base/clock.h"
#include "base/text.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::size_t kMostBytes = 4096;  // of a field
constexpr std::size_t kMostDigits = 15;   // of a timestamp: thousands of years in milliseconds

// Without quotes around it; nothing when they do not come in pairs.
std::optional<std::string_view> unquoted(std::string_view value) {
  if (!value.contains('"')) return value;
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::nullopt;
  value = value.substr(1, value.size() - 2);
  return value.find_first_of("\"\\") == std::string_view::npos ? std::optional(value)
                                                               : std::nullopt;
}

void read_parameters(std::string_view list, std::string_view name, HmacValues& out) {
  text::for_each_element(list, [&](std::string_view element) {
    const std::size_t equals = element.find('=');
    if (equals == std::string_view::npos || element.substr(0, equals) != name) return;
    const std::optional<std::string_view> value = unquoted(element.substr(equals + 1));
    if (!value || value->empty()) {
      out.fault = "a parameter is malformed";
    } else if (out.count == HmacValues::kMost) {
      out.fault = "a parameter stands there too often";
    } else {
      out.values.at(out.count++) = *value;
    }
  });
}

// "Sun, 06 Nov 1994 08:49:37 GMT" and no other way to write it: what is read is written again and
// has to be the same.
std::optional<std::int64_t> http_date_of(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr std::size_t kSize = 29;
  if (text.size() != kSize) return std::nullopt;
  const auto number = [text](std::size_t at, std::size_t size) {
    return static_cast<int>(text::to_number(text.substr(at, size)).value_or(0));
  };
  const std::size_t month = kMonths.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const std::chrono::year_month_day day =
      std::chrono::year(number(12, 4)) / static_cast<int>(month / 3 + 1) / number(5, 2);
  if (!day.ok()) return std::nullopt;
  const std::chrono::sys_seconds time =
      std::chrono::sys_days(day) + std::chrono::hours(number(17, 2)) +
      std::chrono::minutes(number(20, 2)) + std::chrono::seconds(number(23, 2));
  const std::int64_t seconds = time.time_since_epoch().count();
  std::array<char, kSize> again;  // NOLINT(*-member-init): filled below
  write_http_date(again.data(), seconds);
  if (std::string_view(again.data(), again.size()) != text) return std::nullopt;
  return seconds * 1000;
}

}  // namespace

HmacValues values_at(const HmacPlace& place, const http::Headers& headers) {
  HmacValues out;
  std::optional<std::string_view> found;
  for (const http::Field& field : headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), place.header)) continue;
    if (found) {
      out.fault = "a header stands there twice";
      return out;
    }
    found = text::trim(field.value());
  }
  if (!found) return out;
  const std::string_view prefix = place.prefix ? std::string_view(*place.prefix) : "";
  if (!found->starts_with(prefix)) {
    // Other schemes use that header too.
    if (!text::equals_ignoring_case(place.header, "authorization")) {
      out.fault = "a header does not begin with its prefix";
    }
    return out;
  }
  const std::string_view rest = found->substr(prefix.size());
  if (rest.empty() || rest.size() > kMostBytes) {
    out.fault = "a header is empty or too long";
  } else if (place.parameter) {
    read_parameters(rest, *place.parameter, out);
    if (out.count == 0 && out.fault.empty()) out.fault = "a header lacks its parameter";
  } else {
    out.values.front() = rest;
    out.count = 1;
  }
  return out;
}

std::optional<std::int64_t> timestamp_of(std::string_view text, TimestampFormat format) {
  if (format == TimestampFormat::rfc3339) return parse_rfc3339(text);
  if (format == TimestampFormat::http_date) return http_date_of(text);
  const std::optional<std::uint64_t> number = text::to_number(text);
  if (!number || text.size() > kMostDigits) return std::nullopt;
  const auto value = static_cast<std::int64_t>(*number);
  return format == TimestampFormat::unix ? value * 1000 : value;
}

}  // namespace sallyport::policies::authenticate_detail
