// See time_window.h.
#include "policies/authorize/time_window.h"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>

#include "base/text.h"

namespace sallyport::policies::authorize_detail {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::int32_t kDay = 86400;

std::optional<unsigned> day_of(std::string_view name) {
  const auto* found = std::ranges::find(kDays, name);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<unsigned>(found - kDays.begin());
}

// Bits of "fri" or "fri-mon"; nothing: it is none of these.
std::optional<std::uint8_t> days_of(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<unsigned> first = day_of(text.substr(0, dash));
  const std::optional<unsigned> last =
      dash == std::string_view::npos ? first : day_of(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  unsigned bits = 1U << *last;
  for (unsigned day = *first; day != *last; day = (day + 1) % 7) bits |= 1U << day;
  return static_cast<std::uint8_t>(bits);
}

// "HH:MM" in seconds, up to and including 24:00.
std::optional<std::int32_t> clock_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const std::optional<std::uint64_t> hours = text::to_number(text.substr(0, 2));
  const std::optional<std::uint64_t> minutes = text::to_number(text.substr(3));
  if (!hours || !minutes || *minutes > 59 || *hours * 60 + *minutes > 1440) return std::nullopt;
  return static_cast<std::int32_t>(*hours * 3600 + *minutes * 60);
}

std::optional<std::int32_t> offset_of(std::string_view zone) {
  if (zone == "UTC") return 0;
  if (!zone.starts_with('+') && !zone.starts_with('-')) return std::nullopt;
  const std::optional<std::int32_t> clock = clock_of(zone.substr(1));
  if (!clock || *clock > 14 * 3600) return std::nullopt;
  return zone.front() == '-' ? -*clock : *clock;
}

std::expected<TimeZone, std::string> zone_of(std::string_view zone) {
  if (const std::optional<std::int32_t> offset = offset_of(zone)) return TimeZone(*offset);
  return load_zone(zone);
}

std::string day_fault(const std::string& text) {
  return days_of(text) ? "" : "is no day: write mon, tue, wed, thu, fri, sat, sun, or mon-fri";
}
std::string clock_fault(const std::string& text) {
  return clock_of(text) ? "" : "is no time of day: write hours and minutes, as in 08:00";
}
std::string zone_fault(const std::string& text) {
  const auto zone = zone_of(text);
  return zone ? "" : zone.error();
}

void check_window(const TimeSettings& settings, const schema::Node& node,
                  schema::Context& context) {
  if (context.scope() != nullptr && !offset_of(settings.zone)) {
    if (auto file = zone_file(settings.zone)) context.scope()->files.insert(std::move(*file));
  }
  if (settings.from != settings.to) return;
  context.error(node, "\"from\" and \"to\" are the same: the window is empty",
                "Leave both out for the whole day.", schema::code::kConflict);
}

std::int64_t floor_days(std::int64_t seconds) {
  return seconds >= 0 ? seconds / kDay : (seconds - kDay + 1) / kDay;
}

}  // namespace

schema::Fields<TimeSettings> TimeSettings::fields() {
  using schema::field;
  schema::Fields<TimeSettings> table{
      field("days", &TimeSettings::days, "Days of the week: `mon`, `tue`, ..., or `mon-fri`.")
          .or_single()
          .min_items(1)
          .check(day_fault)
          .default_text("every day"),
      field("from", &TimeSettings::from, "When the window opens.").check(clock_fault),
      field("to", &TimeSettings::to,
            "When it closes. Before `from`: on the next day, of which `days` need not speak.")
          .check(clock_fault),
      field(
          "zone", &TimeSettings::zone,
          "`UTC`, hours and minutes ahead of it like `+02:00`, or the name of a time zone with its "
          "summer time, as the system's tzdata has it.")
          .example("Europe/Berlin")
          .check(zone_fault),
  };
  return table.check(check_window);
}

TimeWindow::TimeWindow(const TimeSettings& settings)
    : days_(settings.days.empty() ? 0x7F : 0),
      from_(clock_of(settings.from).value()),
      to_(clock_of(settings.to).value()),
      zone_(zone_of(settings.zone).value()) {
  for (const std::string& days : settings.days) days_ |= days_of(days).value();
}

bool TimeWindow::contains(std::int64_t unix_seconds) const {
  const std::int64_t local = unix_seconds + zone_.offset_at(unix_seconds);
  const std::int64_t day = floor_days(local);
  const std::int64_t time = local - day * kDay;
  if (from_ < to_) return time >= from_ && time < to_ && has_day(day);
  return (time >= from_ && has_day(day)) || (time < to_ && has_day(day - 1));
}

bool TimeWindow::has_day(std::int64_t days_since_1970) const {
  // 1970 began on a Thursday.
  const std::int64_t weekday = ((days_since_1970 + 3) % 7 + 7) % 7;
  return ((days_ >> weekday) & 1) != 0;
}

}  // namespace sallyport::policies::authorize_detail
