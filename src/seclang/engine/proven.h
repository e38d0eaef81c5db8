// Which values of a request need no rules against injection: those that somebody who knows the
// contract has claimed to be harmless, and that have the form that was claimed.
//
// A value is known again by where it lies in memory, which is its field's own: no other value can
// be taken for it. Clients choose how many there are, so nothing here is looked for one by one.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "http/proven_values.h"
#include "seclang/bodies/body.h"

namespace sallyport::seclang {

class Proven {
 public:
  // In place of what was claimed before. Names are not copied.
  void claim(std::span<const http::ProvenValue> claims);
  // A field of the request: if a claim covers it, its value is proven from the next `settle` on.
  void note(http::Place place, const Field& field);
  // Before `has` is asked about what was noted.
  void settle();
  // Whether this is the very text of a proven field, not one that reads the same.
  [[nodiscard]] bool has(std::string_view text) const;

  void clear();
  // Elements that it has memory for.
  [[nodiscard]] std::size_t capacity() const { return claims_.capacity() + texts_.capacity(); }

 private:
  std::vector<http::ProvenValue> claims_;  // by place and name, each kind once
  std::vector<std::string_view> texts_;    // by address
  bool settled_ = true;
};

}  // namespace sallyport::seclang
