#include "seclang/plan/alphabet.h"

namespace sallyport::seclang {

ByteSet alphabet_of(std::size_t tier) {
  ByteSet set;
  for (unsigned c = 0; c < 256; ++c) set.set(c, tier_of(marks_of(static_cast<char>(c))) <= tier);
  return set;
}

}  // namespace sallyport::seclang
