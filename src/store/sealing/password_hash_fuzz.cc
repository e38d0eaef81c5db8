// Hashes of passwords as configurations and imports bring them: what is read is written as it was.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/sealing/password_hash.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto hash = sallyport::store::PasswordHash::parse(text);
  if (!hash) return 0;
  const auto again = sallyport::store::PasswordHash::parse(hash->text());
  if (!again || again->text() != hash->text()) std::abort();
  return 0;
}
