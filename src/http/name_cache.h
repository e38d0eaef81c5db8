// Names of other services and their addresses, without blocking: looked up on background threads,
// once for everybody who waits, and remembered. Private to this folder.
//
// Addresses that are too old are looked up anew while they go on being used, so that no request
// waits for a name that was known. One thread: that of the reactor.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "async/reactor.h"
#include "async/task.h"

namespace sallyport::http {

class NameCache {
 public:
  explicit NameCache(async::Reactor& reactor) : reactor_(reactor) {}

  struct Found {
    std::string addresses;  // "192.0.2.1,[2001:db8::1]"; empty: see `error`
    std::string error;
  };
  // At most `timeout`. The reactor has to run.
  [[nodiscard]] Task<Found> find(const std::string& host, std::chrono::milliseconds timeout);
  // Ends every wait with an error.
  void end_waits();

 private:
  struct Wait;
  struct Entry;
  void look_up(const std::shared_ptr<Entry>& entry, const std::string& host);

  async::Reactor& reactor_;
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace sallyport::http
