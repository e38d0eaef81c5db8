// Whatever is presented as a key is refused, or is the one text of that key.
#include "base/fuzzing.h"
#include "store/key_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;  // NOLINT(google-build-using-namespace): one function
  const fuzzing::ExactCopy input(store::as_text(data, size));
  auto key = store::PresentedKey::parse(input.text());
  if (key) fuzzing::require(key->text().view() == input.text());
  return 0;
}
