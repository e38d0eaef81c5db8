// See time_zone.h.
#include "policies/authorize/time_zone.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "policies/authorize/zone_rule.h"

namespace sallyport::policies::authorize_detail {
namespace {

constexpr std::string_view kFolder = "/usr/share/zoneinfo";
constexpr std::size_t kMostBytes = std::size_t{256} << 10;  // of a file; the largest has 4 KiB
constexpr std::size_t kMostChanges = 4096;
constexpr std::int32_t kLastYear = 2100;
constexpr std::int32_t kMostOffset = 26 * 3600;  // RFC 9636 section 3.2 calls for less than that

// The numbers at the beginning of each half of a file (RFC 9636 section 3.1).
struct Header {
  char version = 0;
  std::uint32_t utc_marks = 0, wall_marks = 0, leaps = 0, times = 0, types = 0, characters = 0;

  // Bytes of what follows, with times of that size.
  [[nodiscard]] std::uint64_t body(std::uint64_t time_size) const {
    return times * time_size + times + types * std::uint64_t{6} + characters +
           leaps * (time_size + 4) + wall_marks + utc_marks;
  }
};

// Bytes that are taken off the front; nothing when there are too few.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::string_view> take(std::uint64_t size) {
    if (size > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Big-endian.
std::uint64_t number(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::optional<Header> header_of(Bytes& bytes) {
  constexpr std::size_t kSize = 44;
  const auto head = bytes.take(kSize);
  if (!head || !head->starts_with("TZif")) return std::nullopt;
  const auto count = [&head](std::size_t i) {
    return static_cast<std::uint32_t>(number(head->substr(20 + 4 * i, 4)));
  };
  return Header{.version = (*head)[4],
                .utc_marks = count(0),
                .wall_marks = count(1),
                .leaps = count(2),
                .times = count(3),
                .types = count(4),
                .characters = count(5)};
}

using Changes = std::vector<TimeZone::Change>;

// What the rule makes of the years behind the last change.
void append_rule(const ZoneRule& rule, Changes& changes) {
  const std::int64_t last = changes.back().at;
  if (!rule.summer) return;  // it has been so since the last change
  const auto day = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(std::max<std::int64_t>(last, 0))));
  const auto first = static_cast<std::int32_t>(int{std::chrono::year_month_day(day).year()});
  const ZoneRule::Summer& summer = *rule.summer;
  Changes more;
  // A year that ends in summer time, and the next that begins in it, do so at once: in this order.
  const auto add = [&more](TimeZone::Change change) {
    more.insert(std::ranges::upper_bound(more, change.at, {}, &TimeZone::Change::at), change);
  };
  for (std::int32_t year = std::max(first, 1970); year <= kLastYear; ++year) {
    add({summer.begin.seconds_in(year) - rule.standard, summer.offset});
    add({summer.end.seconds_in(year) - summer.offset, rule.standard});
  }
  for (const TimeZone::Change& each : more) {
    if (each.at > last) changes.push_back(each);
  }
}

}  // namespace

std::expected<TimeZone, std::string> TimeZone::parse(std::string_view tzif) {
  const auto malformed = [] { return std::unexpected<std::string>("is no time zone file"); };
  Bytes bytes(tzif);
  std::optional<Header> header = header_of(bytes);
  // The first half is for readers who know times of 32 bits only.
  if (!header || header->version < '2' || !bytes.take(header->body(4))) return malformed();
  header = header_of(bytes);
  if (!header || header->types == 0 || header->times > kMostChanges) return malformed();
  const auto times = bytes.take(std::uint64_t{header->times} * 8);
  const auto indexes = bytes.take(header->times);
  const auto types = bytes.take(std::uint64_t{header->types} * 6);
  const std::uint64_t others = header->characters + header->leaps * std::uint64_t{12} +
                               header->wall_marks + header->utc_marks;
  if (!times || !indexes || !types || !bytes.take(others)) return malformed();

  const auto offset_of = [&types](std::size_t type) {
    return static_cast<std::int32_t>(
        static_cast<std::uint32_t>(number(types->substr(type * 6, 4))));
  };
  for (std::size_t type = 0; type < header->types; ++type) {
    if (offset_of(type) > kMostOffset || offset_of(type) < -kMostOffset) return malformed();
  }
  Changes changes{{INT64_MIN, offset_of(0)}};
  for (std::size_t i = 0; i < header->times; ++i) {
    const std::size_t type = static_cast<unsigned char>((*indexes)[i]);
    const auto at = static_cast<std::int64_t>(number(times->substr(i * 8, 8)));
    if (type >= header->types || at <= changes.back().at) return malformed();
    changes.push_back({at, offset_of(type)});
  }
  std::string_view footer = bytes.rest();
  const std::size_t end = footer.empty() ? std::string_view::npos : footer.find('\n', 1);
  if (!footer.starts_with('\n') || end != footer.size() - 1) return malformed();
  footer = footer.substr(1, end - 1);
  if (footer.empty()) return TimeZone(std::move(changes));
  const std::optional<ZoneRule> rule = ZoneRule::parse(footer);
  if (!rule) return malformed();
  append_rule(*rule, changes);
  return TimeZone(std::move(changes));
}

std::int32_t TimeZone::offset_at(std::int64_t unix_seconds) const {
  const auto after = std::ranges::upper_bound(changes_, unix_seconds, {}, &Change::at);
  return std::prev(after)->offset;
}

namespace {

// Names begin with a letter, in every part: "America/Argentina/Buenos_Aires", "Etc/GMT+1".
bool may_be_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  bool begins = true;
  for (const char c : name) {
    const char small = text::lower(c);
    const bool letter = small >= 'a' && small <= 'z';
    const bool other = (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
    if (begins ? !letter : !letter && !other && c != '/') return false;
    begins = c == '/';
  }
  return !begins;
}

// Those that the system has, without the two folders that have all of them once more.
std::vector<std::string> names_of_system() {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::recursive_directory_iterator at(kFolder, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().string().substr(kFolder.size() + 1);
    if (name == "posix" || name == "right") {
      at.disable_recursion_pending();
    } else if (at->is_regular_file(error) && may_be_name(name)) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace

std::expected<std::string, std::string> zone_file(std::string_view name) {
  if (!may_be_name(name)) {
    return std::unexpected(
        "is no time zone: write UTC, an offset like +02:00, or a name like Europe/Berlin");
  }
  return std::string(kFolder) + '/' + std::string(name);
}

std::expected<TimeZone, std::string> load_zone(std::string_view name) {
  const auto path = zone_file(name);
  if (!path) return std::unexpected(path.error());
  std::error_code error;
  if (!std::filesystem::is_directory(kFolder, error)) {
    return std::unexpected("cannot be looked up, as there is no " + std::string(kFolder) +
                           ": install tzdata, or write an offset like +02:00");
  }
  std::string bytes;
  if (std::filesystem::is_regular_file(*path, error)) {
    std::ifstream file(*path, std::ios::binary);
    bytes.resize(kMostBytes);
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (!bytes.empty()) {
    auto zone = TimeZone::parse(bytes);
    if (zone) return zone;
    return std::unexpected(zone.error() + " (" + *path + ')');
  }
  const std::optional<std::string> near = text::nearest(name, names_of_system());
  return std::unexpected("is no time zone that the system knows" +
                         (near ? "; did you mean " + *near + "?" : std::string()));
}

}  // namespace sallyport::policies::authorize_detail
