// Values that need no injection rules: which ones they are, and whether a value is one of them.
#include <algorithm>

#include "seclang/engine/transaction.h"

namespace sallyport::seclang {

// Remembered by where it lies in memory, which is the field's own: no other value can be taken for
// it.
void Transaction::note_proven(http::Place place, const Field& field) {
  auto covers = [&](const http::ProvenValue& proven) {
    return proven.covers(place, field.name, field.value);
  };
  if (std::ranges::any_of(proven_, covers)) proven_texts_.push_back(field.value);
}

bool Transaction::is_proven(const Value& value) const {
  return std::ranges::any_of(proven_texts_, [&](std::string_view text) {
    return text.data() == value.text.data() && text.size() == value.text.size();
  });
}

}  // namespace sallyport::seclang
