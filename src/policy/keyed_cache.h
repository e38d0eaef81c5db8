// What was found out by some text (a token, a question to a service), so that it is found out once.
//
// A text is known by a keyed hash; the text itself is not kept. Bounded: what was put there longest
// ago goes first. Any thread.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "base/sip_hash.h"
#include "policy/recent_table.h"

namespace sallyport {

template <typename T>
class KeyedCache {
 public:
  // Null: nothing is known, or `good(found)` says that it does not hold any more; then it is
  // forgotten.
  template <typename Good>
  [[nodiscard]] std::shared_ptr<const T> find(std::string_view text, Good good) {
    return table_
        .find(hash_of(text),
              [&good](const std::shared_ptr<const T>& found) { return good(*found); })
        .value_or(nullptr);
  }

  void put(std::string_view text, std::shared_ptr<const T> value) {
    table_.put(hash_of(text), std::move(value));
  }

 private:
  using Table = RecentTable<std::shared_ptr<const T>, 1024>;

  [[nodiscard]] Table::Key hash_of(std::string_view text) const { return SipHash(key_).of(text); }

  const std::array<std::uint64_t, 2> key_ = random_hash_key();
  Table table_;
};

}  // namespace sallyport
