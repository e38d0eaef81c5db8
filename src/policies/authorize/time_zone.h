// Time zones by their names in the IANA database ("Europe/Berlin"), as the system's tzdata has
// them (TZif, RFC 9636). Read once, when a configuration is loaded: requests only look up numbers.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::policies::authorize_detail {

// How far local time is ahead of UTC, at any time. Immutable.
class TimeZone {
 public:
  // Always so many seconds.
  explicit TimeZone(std::int32_t offset) : changes_{{INT64_MIN, offset}} {}

  // Every change of its file, and those that its rule makes up to the year 2100, after which the
  // last one stays. The error says what is wrong (lower case, no full stop).
  [[nodiscard]] static std::expected<TimeZone, std::string> parse(std::string_view tzif);

  // Seconds east of Greenwich. A search among a few hundred numbers, no more.
  [[nodiscard]] std::int32_t offset_at(std::int64_t unix_seconds) const;

  struct Change {
    std::int64_t at;  // seconds of the epoch
    std::int32_t offset;
    friend bool operator==(const Change&, const Change&) = default;
  };
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }

 private:
  explicit TimeZone(std::vector<Change> changes) : changes_(std::move(changes)) {}
  std::vector<Change> changes_;  // in order; the first is of the beginning of time
};

// Where the system keeps the zone, if its name can be one: no other file can be named so.
[[nodiscard]] std::expected<std::string, std::string> zone_file(std::string_view name);

// Reads the zone from there. Not on a worker. The error is a sentence's end ("is no time zone
// ...") and says which names are near.
[[nodiscard]] std::expected<TimeZone, std::string> load_zone(std::string_view name);

}  // namespace sallyport::policies::authorize_detail
