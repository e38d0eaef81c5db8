// Replacing the running binary: a successor is started with our listening sockets, and when it says
// that it serves, we drain and end. Until then we go on as before.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "async/reactor.h"
#include "gateway/listeners.h"

namespace sallyport::gateway {

// How this process was started, kept for the successor.
struct Invocation {
  std::string program;                 // absolute path
  std::vector<std::string> arguments;  // argv[0] included
};

class Upgrade {
 public:
  Upgrade() = default;
  Upgrade(const Upgrade&) = delete;
  Upgrade& operator=(const Upgrade&) = delete;
  ~Upgrade();

  // Starts the successor. `done(true)`, on the reactor's thread: it serves. `done(false)`: it could
  // not be started, ended before it served, or did not serve within a minute and was killed. False
  // with `error`: not even begun.
  // `variable`: one more for its environment, "NAME=VALUE" with a zero
  // behind it, or empty.
  [[nodiscard]] bool start(const Invocation& invocation, const Listeners& listeners,
                           std::string_view variable, async::Reactor& reactor,
                           std::function<void(bool)> done, std::string& error);
  [[nodiscard]] bool running() const { return waiter_.joinable() && !finished_; }

  // In the successor: tells the predecessor that it can go. Nothing without one.
  static void tell_predecessor();

 private:
  std::thread waiter_;
  std::atomic<bool> abandoned_{false};  // we are ending: a successor that does not serve goes too
  bool finished_ = false;
};

}  // namespace sallyport::gateway
