// md5 and sha1: the digest as bytes, not as digits. For fingerprints of values, where the rules ask
// for these two; nothing relies on their strength.
#include <openssl/evp.h>

#include <memory>

#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// Looking an algorithm up and making its context cost more than the digest of a short text: both
// are done once for each thread.
class Digester {
 public:
  explicit Digester(const char* algorithm)
      : algorithm_(EVP_MD_fetch(nullptr, algorithm, nullptr), &EVP_MD_free),
        context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {}

  // Empty where the library refuses the algorithm, as it does when it is bound to FIPS.
  [[nodiscard]] std::string_view operator()(std::string_view in, Arena& arena) const {
    if (algorithm_ == nullptr || context_ == nullptr) return {};
    char* out = arena.chars(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    const bool done =
        EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1 &&
        EVP_DigestUpdate(context_.get(), in.data(), in.size()) == 1 &&
        EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out), &size) == 1;
    return {out, done ? size : 0};
  }

 private:
  std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> algorithm_;
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string_view md5(std::string_view in, const TransformContext& context) {
  static thread_local const Digester digest("MD5");
  return digest(in, context.arena);
}

std::string_view sha1(std::string_view in, const TransformContext& context) {
  static thread_local const Digester digest("SHA1");
  return digest(in, context.arena);
}

}  // namespace sallyport::seclang::transform
