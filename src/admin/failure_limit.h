// How many failures to sign in are put up with, from one address and in total.
#pragma once

#include <cstdint>
#include <string>

#include "admin/allowances.h"

namespace sallyport::admin {

// For one thread. Times are milliseconds of any monotonic clock.
class FailureLimit {
 public:
  static constexpr double kPerAddress = 10;  // at once, and again in a minute
  static constexpr double kInTotal = 100;    // the same

  // One more failure. False: it is one too many.
  [[nodiscard]] bool take(const std::string& address, std::uint64_t now) {
    constexpr double kMinute = 60;
    return addresses_.take(address, {.most = kPerAddress, .per_second = kPerAddress / kMinute},
                           now) &&
           total_.take({}, {.most = kInTotal, .per_second = kInTotal / kMinute}, now);
  }

 private:
  Allowances addresses_;
  Allowances total_;  // of nobody in particular
};

}  // namespace sallyport::admin
