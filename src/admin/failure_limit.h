// How many wrong tokens are put up with, from one address and in total.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace sallyport::admin {

// For one thread. Times are milliseconds of any monotonic clock.
class FailureLimit {
 public:
  static constexpr double kPerAddress = 10;  // at once, and again in a minute
  static constexpr double kInTotal = 100;    // the same
  static constexpr std::size_t kMostAddresses = 1024;

  // One more failure. False: it is one too many.
  [[nodiscard]] bool take(const std::string& address, std::uint64_t now);

 private:
  struct Allowance {
    double left;
    std::uint64_t at;
  };
  static void refill(Allowance& allowance, double most, std::uint64_t now);
  void make_room(std::uint64_t now);

  Allowance total_{.left = kInTotal, .at = 0};
  std::unordered_map<std::string, Allowance> addresses_;
};

}  // namespace sallyport::admin
