// Keys that encrypt session tickets. Whoever has a key can read the sessions it encrypted, so keys
// live in memory only and are wiped when they retire.
#pragma once

#include <openssl/ssl.h>

#include <memory>

namespace sallyport::async {

// Shared by every context of the process, so that a reload does not end sessions. Thread-safe.
class TicketKeys {
 public:
  TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  ~TicketKeys();

  // Makes a new key; the previous two still decrypt. To be called every few hours.
  void rotate();

  // From now on `context` encrypts its tickets with `keys`, and keeps them alive. False: out of
  // memory.
  [[nodiscard]] static bool attach(SSL_CTX* context, std::shared_ptr<TicketKeys> keys);

 private:
  struct State;
  static int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                       EVP_MAC_CTX* mac, int encrypt);
  std::unique_ptr<State> state_;
};

}  // namespace sallyport::async
