// What a rehearsal (Exchange::rehearsal) cannot find out without an effect, or without taking what
// requests compete for: a policy leaves it open and refuses, and whoever asked knows that nothing
// is decided.
#pragma once

#include <utility>

#include "policy/exchange.h"

namespace sallyport {

inline constexpr char kLeftOpen = 0;  // its address is the key of the slot

inline void leave_open(Exchange& x) { x.slot<bool>(&kLeftOpen) = true; }

// Whether something was left open since this was asked last.
[[nodiscard]] inline bool take_left_open(Exchange& x) {
  bool* open = x.slot_if<bool>(&kLeftOpen);
  return open != nullptr && std::exchange(*open, false);
}

}  // namespace sallyport
