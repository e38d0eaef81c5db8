// How much of something each of many may have: a token bucket for every name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace sallyport::admin {

// For one thread. Times are milliseconds of any monotonic clock.
class Allowances {
 public:
  static constexpr std::size_t kMostNames = 1024;

  struct Terms {
    double most;        // at once, and to begin with; at least 1
    double per_second;  // by which it grows again
  };
  // Takes one of what `name` has left. False: that is less than one.
  [[nodiscard]] bool take(const std::string& name, const Terms& terms, std::uint64_t now);

 private:
  struct Left {
    double left;
    std::uint64_t at;
  };
  static void refill(Left& of, const Terms& terms, std::uint64_t now);
  void make_room(const Terms& terms, std::uint64_t now);

  std::unordered_map<std::string, Left> names_;
};

}  // namespace sallyport::admin
