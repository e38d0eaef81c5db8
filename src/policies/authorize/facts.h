// What a rule may know of an exchange while it is held against it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "policies/authorize/value.h"
#include "policy/exchange.h"
#include "policy/route.h"

namespace sallyport::policies::authorize_detail {

// A part of a request. A name that comes twice is said to, for nobody knows which one counts.
struct Found {
  Value value;
  bool repeated = false;
};

// One request; for one decision, in one thread. Decoded texts are in the exchange's arena.
class Facts {
 public:
  using Clock = std::int64_t();  // milliseconds since the Unix epoch

  explicit Facts(Exchange& x, Clock* clock = wall_milliseconds) : x_(x), clock_(clock) {}

  [[nodiscard]] const Exchange& exchange() const { return x_; }
  [[nodiscard]] Exchange& exchange() { return x_; }
  [[nodiscard]] const Identity* identity() const { return x_.identity ? &*x_.identity : nullptr; }
  [[nodiscard]] std::int64_t unix_seconds() const { return clock_() / 1000; }

  // Whether the whole path is as `path` says; its parameters are then what `path_parameter` looks
  // at. Null: the route's.
  [[nodiscard]] bool fits(const PathTemplate* path);
  [[nodiscard]] Value path_parameter(std::string_view name) const;
  // A parameter of the query, decoded as forms are.
  [[nodiscard]] Found query_parameter(std::string_view name) const;
  [[nodiscard]] Found header(std::string_view name) const;

 private:
  // Texts without escapes stay where they are.
  [[nodiscard]] std::string_view decoded(std::string_view text, bool form) const;

  Exchange& x_;
  Clock* clock_;
  const PathTemplate* path_ = nullptr;
  std::array<std::string_view, 8> parameters_{};
};

}  // namespace sallyport::policies::authorize_detail
