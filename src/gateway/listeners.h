// The listening sockets of the process: one per address and worker (SO_REUSEPORT), opened before
// privileges are dropped, kept over reloads, handed to the process of a binary upgrade.
#pragma once

#include <string>
#include <vector>

#include "async/resolver.h"
#include "config/snapshot.h"

namespace sallyport::gateway {

// The sockets of one configured address. `key` names it over reloads and upgrades.
struct ListeningSockets {
  std::string key;
  async::SocketAddress address;  // as bound: port 0 has been replaced
  std::vector<int> fds;          // one per worker
};

class Listeners {
 public:
  Listeners() = default;
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;
  ~Listeners();

  // Takes over what a predecessor left in the environment (see `to_environment`).
  void inherit();
  // Opens what is missing. On an error nothing changes and the sentence says what and why.
  [[nodiscard]] bool open(const std::string& key, const async::SocketAddress& address,
                          unsigned sockets, std::string& error);
  [[nodiscard]] const ListeningSockets* find(const std::string& key) const;
  // Closes the process's own descriptors of everything that is not named. Workers hold duplicates
  // and close those when they have taken what is queued.
  void keep_only(const std::vector<std::string>& keys);
  // "key=fd,fd;..." for a successor, and the descriptors it must inherit.
  [[nodiscard]] std::string to_environment(std::vector<int>& fds) const;

  static constexpr const char* kEnvironment = "SALLYPORT_LISTENERS";
  // What the key of the admin listener begins with.
  static constexpr const char* kAdminKey = "admin";

 private:
  std::vector<ListeningSockets> open_;
};

// The key of the n-th address of a listener.
[[nodiscard]] std::string listener_key(const config::Listener& listener, std::size_t address);

}  // namespace sallyport::gateway
