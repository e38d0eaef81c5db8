#include "async/tls_profile.h"

namespace sallyport::async {
namespace {

// AES-128 first: as strong as anything for this purpose and the cheapest with AES instructions.
constexpr char kSuites13[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr char kSuites12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kGroups[] = "X25519:P-256:P-384";
constexpr char kSignatures[] =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:"
    "RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512";

}  // namespace

bool apply_profile(SSL_CTX* context, TlsProfile profile) {
  SSL_CTX_set_security_level(context, 2);
  int lowest = profile == TlsProfile::strict ? TLS1_3_VERSION : TLS1_2_VERSION;
  bool known = SSL_CTX_set_min_proto_version(context, lowest) == 1 &&
               SSL_CTX_set_ciphersuites(context, kSuites13) == 1 &&
               SSL_CTX_set_cipher_list(context, kSuites12) == 1 &&
               SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
               SSL_CTX_set1_sigalgs_list(context, kSignatures) == 1;
  // PRIORITIZE_CHACHA: a client that lists ChaCha20 first has no AES instructions.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // NO_AUTO_CHAIN: send what the file holds; building a chain from the trust store would verify
  // our own certificate at every handshake.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return known;
}

}  // namespace sallyport::async
