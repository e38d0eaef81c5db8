// md5 and sha1: the digest as bytes, not as digits. For fingerprints of values, where the rules ask
// for these two; nothing relies on their strength.
#include <openssl/evp.h>

#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// Empty where the library refuses the algorithm, as it does when it is bound to FIPS.
std::string_view digest(std::string_view in, const EVP_MD* algorithm,
                        const TransformContext& context) {
  char* out = context.arena.chars(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  int done = EVP_Digest(in.data(), in.size(), reinterpret_cast<unsigned char*>(out), &size,
                        algorithm, nullptr);
  return {out, done == 1 ? size : 0};
}

}  // namespace

std::string_view md5(std::string_view in, const TransformContext& context) {
  return digest(in, EVP_md5(), context);
}

std::string_view sha1(std::string_view in, const TransformContext& context) {
  return digest(in, EVP_sha1(), context);
}

}  // namespace sallyport::seclang::transform
