#include "gateway/signals.h"

#include <pthread.h>
#include <signal.h>  // NOLINT(*-deprecated-headers): sigwait is POSIX, not C++

#include <utility>

namespace sallyport::gateway {
namespace {

// Ends the waiting thread; nobody else sends it.
constexpr int kWake = SIGURG;

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, kWake}) {
    sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

void Signals::block() {
  sigset_t set = handled();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);  // NOLINT(*-err33-c): cannot fail for SIGPIPE
}

Signals::Signals(async::Reactor& reactor, std::function<void(int)> handle)
    : handle_(std::move(handle)) {
  thread_ = std::thread([this, &reactor] {
    sigset_t set = handled();
    for (;;) {
      int signal = 0;
      if (sigwait(&set, &signal) != 0) continue;
      if (signal == kWake) return;
      reactor.post([this, signal] { handle_(signal); });
    }
  });
}

Signals::~Signals() {
  pthread_kill(thread_.native_handle(), kWake);
  thread_.join();
}

}  // namespace sallyport::gateway
