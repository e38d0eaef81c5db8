// See master_key.h.
#include "store/sealing/master_key.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <system_error>

#include "store/encoding.h"

namespace sallyport::store {
namespace {

constexpr std::string_view kForms =
    "a master key is 32 random bytes, as 64 hexadecimal digits or in base64; "
    "`openssl rand -hex 32` makes one";

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").contains(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// Either alphabet and padding, as the tools at hand write them.
bool decode(std::string_view text, unsigned char* out) {
  if (from_hex(text, out, MasterKey::kSize)) return true;
  if (text.size() == 44 && text.ends_with('=')) text.remove_suffix(1);
  SecretText plain{std::string(text)};
  for (char& c : plain.bytes()) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return from_base64url(plain.view(), out, MasterKey::kSize);
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

MasterKey::MasterKey(LockedMemory bytes) : bytes_(std::move(bytes)) {
  const LockedMemory id = derive("sallyport master key id", id_.size());
  std::copy_n(id.data(), id_.size(), id_.begin());
}

MasterKey MasterKey::random() {
  LockedMemory bytes(kSize);
  random_bytes(bytes.data(), kSize);
  return MasterKey(std::move(bytes));
}

std::expected<MasterKey, std::string> MasterKey::from_text(std::string_view text,
                                                           std::string_view source) {
  LockedMemory bytes(kSize);
  if (!decode(without_line_end(text), bytes.data())) {
    return std::unexpected(std::string(source) + " holds no master key: " + std::string(kForms));
  }
  return MasterKey(std::move(bytes));
}

std::expected<MasterKey, std::string> MasterKey::from_file(const std::string& path) {
  // A pipe without a writer is not waited for.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status{};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) {
    return std::unexpected("cannot read the master key file " + path + ": " + reason());
  }
  if (!S_ISREG(status.st_mode)) {
    return std::unexpected("the master key file " + path + " is not a regular file");
  }
  if ((status.st_mode & S_IRWXO) != 0) {
    return std::unexpected("the master key file " + path +
                           " is open to every user of this machine: run `chmod o= " + path + "`");
  }
  LockedMemory text(256);  // more than any form needs
  const ssize_t size = ::read(file.fd, text.data(), text.size());
  if (size < 0) {
    return std::unexpected("cannot read the master key file " + path + ": " + reason());
  }
  if (size == static_cast<ssize_t>(kSize)) {
    LockedMemory bytes(kSize);
    std::copy_n(text.data(), kSize, bytes.data());
    return MasterKey(std::move(bytes));
  }
  return from_text(text.bytes().substr(0, static_cast<std::size_t>(size)), "the file " + path);
}

std::expected<MasterKey, std::string> MasterKey::from_environment(const std::string& name) {
  char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    return std::unexpected("the environment variable " + name +
                           " is not set: " + std::string(kForms));
  }
  std::expected<MasterKey, std::string> key = from_text(value, "the environment variable " + name);
  cleanse({value, std::strlen(value)});
  ::unsetenv(name.c_str());
  return key;
}

LockedMemory MasterKey::derive(std::string_view purpose, std::size_t size) const {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(
      EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
      EVP_KDF_CTX_new(kdf.get()), &EVP_KDF_CTX_free);
  char digest[] = "SHA256";  // OSSL_PARAM wants what it points to writable; it only reads
  std::string info(purpose);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                        const_cast<unsigned char*>(bytes_.data()), bytes_.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  LockedMemory out(size);
  // Fails without memory or without the algorithm; a key of zeros must not be the answer.
  if (context == nullptr ||
      EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) != 1) {
    std::abort();
  }
  return out;
}

MasterKey MasterKey::branch(std::string_view purpose) const { return MasterKey(derive(purpose)); }

SecretText MasterKey::text() const { return SecretText(hex(bytes_.bytes())); }

}  // namespace sallyport::store
