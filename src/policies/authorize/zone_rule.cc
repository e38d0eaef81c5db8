#include "policies/authorize/zone_rule.h"

#include <algorithm>
#include <chrono>

namespace sallyport::policies::authorize_detail {
namespace {

constexpr std::int32_t kHour = 3600;
constexpr std::int32_t kTwoOClock = 2 * kHour;  // where a date says no time
constexpr std::int32_t kMostHours = 167;        // of a time: a week but for an hour

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// What is read is taken off the front. Once something is wrong, it stays so.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void want(char c) { good_ = take(c) && good_; }

  std::int32_t number(std::int32_t least, std::int32_t most) {
    std::int32_t value = 0;
    std::size_t digits = 0;
    while (!rest_.empty() && is_digit(rest_.front()) && digits < 4) {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
      ++digits;
    }
    good_ = good_ && digits != 0 && value >= least && value <= most;
    return value;
  }

  // "CET" or "<+03>": of no use but to be there.
  void name() {
    if (take('<')) {
      const std::size_t end = rest_.find('>');
      good_ = good_ && end != std::string_view::npos && end >= 3 &&
              std::ranges::all_of(rest_.substr(0, end), [](char c) {
                return is_letter(c) || is_digit(c) || c == '+' || c == '-';
              });
      if (good_) rest_.remove_prefix(end + 1);
      return;
    }
    const auto length =
        static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_letter) - rest_.begin());
    good_ = good_ && length >= 3;
    rest_.remove_prefix(length);
  }

  // "[+-]hh[:mm[:ss]]" in seconds.
  std::int32_t time(std::int32_t most_hours) {
    const bool minus = take('-');
    if (!minus) take('+');
    std::int32_t seconds = number(0, most_hours) * kHour;
    if (take(':')) {
      seconds += number(0, 59) * 60;
      if (take(':')) seconds += number(0, 59);
    }
    return minus ? -seconds : seconds;
  }

  YearlyDate date() {
    YearlyDate date;
    if (take('M')) {
      date.kind = YearlyDate::Kind::weekday;
      date.month = number(1, 12);
      want('.');
      date.week = number(1, 5);
      want('.');
      date.day = number(0, 6);
    } else if (take('J')) {
      date.kind = YearlyDate::Kind::julian;
      date.day = number(1, 365);
    } else {
      date.day = number(0, 365);
    }
    date.time = take('/') ? time(kMostHours) : kTwoOClock;
    return date;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::int64_t YearlyDate::seconds_in(std::int32_t year) const {
  const std::chrono::year in(year);
  std::chrono::sys_days date = in / 1 / 1;
  if (kind == Kind::weekday) {
    const std::chrono::month of(static_cast<unsigned>(month));
    const std::chrono::weekday which(static_cast<unsigned>(day));
    date = week == 5 ? std::chrono::sys_days(in / of / which[std::chrono::last])
                     : std::chrono::sys_days(in / of / which[static_cast<unsigned>(week)]);
  } else if (kind == Kind::day) {
    date += std::chrono::days(day);
  } else {
    constexpr std::int32_t kLastOfFebruary = 59;
    date += std::chrono::days(day > kLastOfFebruary && in.is_leap() ? day : day - 1);
  }
  return std::chrono::seconds(date.time_since_epoch()).count() + time;
}

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  constexpr std::int32_t kMostOffset = 24;
  Reader reader(text);
  ZoneRule rule;
  reader.name();
  rule.standard = -reader.time(kMostOffset);  // POSIX counts to the west
  if (reader.good() && !reader.at_end()) {
    Summer summer{.offset = rule.standard + kHour, .begin = {}, .end = {}};
    reader.name();
    if (!reader.take(',')) {
      summer.offset = -reader.time(kMostOffset);
      reader.want(',');
    }
    summer.begin = reader.date();
    reader.want(',');
    summer.end = reader.date();
    rule.summer = summer;
  }
  if (!reader.good() || !reader.at_end()) return std::nullopt;
  return rule;
}

}  // namespace sallyport::policies::authorize_detail
