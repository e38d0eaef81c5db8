// Owning pointers for what OpenSSL hands out, and its last error as a sentence.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace sallyport::async {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

using BioHandle = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using X509Handle = std::unique_ptr<X509, FreeWith<X509_free>>;
using CrlHandle = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using StoreHandle = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using ContextHandle = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

// The reason of this thread's last OpenSSL error, which is then forgotten.
[[nodiscard]] inline std::string openssl_error() {
  unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown error";
}

}  // namespace sallyport::async
