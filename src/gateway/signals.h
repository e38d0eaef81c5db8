// Signals as messages: one thread waits for them and posts them to a reactor.
#pragma once

#include <functional>
#include <thread>

#include "async/reactor.h"

namespace sallyport::gateway {

class Signals {
 public:
  // Blocks the handled signals in the calling thread; to be called before any other thread starts,
  // so that all inherit the mask. SIGPIPE is ignored.
  static void block();
  // Calls `handle(signal)` on the reactor's thread.
  Signals(async::Reactor& reactor, std::function<void(int)> handle);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

 private:
  std::function<void(int)> handle_;  // here, not in the thread: only the reactor's thread uses it
  std::thread thread_;
};

}  // namespace sallyport::gateway
