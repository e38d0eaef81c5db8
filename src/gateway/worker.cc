#include "gateway/worker.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/report.h"

namespace sallyport::gateway {
namespace {

using namespace std::chrono_literals;

// Connections accepted before others get their turn: each may cost a TLS handshake.
constexpr int kAcceptBatch = 32;

// Gives every other ready coroutine of the reactor its turn.
struct Yield {
  async::Reactor& reactor;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { reactor.schedule(waiter); }
  void await_resume() const noexcept {}
};

}  // namespace

struct Worker::Accepting {
  Accepting(async::Reactor& reactor, const WorkerListener& from)
      : key(from.key), listener(from.listener), port(from.port), socket(reactor, from.fd, true) {}
  std::string key;
  std::size_t listener;
  std::uint16_t port;
  async::Socket socket;
  bool retired = false;
};

Worker::Worker(unsigned index, telemetry::LogSink* sink, telemetry::WorkerMetrics& metrics,
               ConnectionLimits& limits, std::uint32_t trail_records)
    : index_(index),
      recorder_(sink, metrics, trail_records),
      gateway_(reactor_, recorder_, limits) {}

Worker::~Worker() = default;

void Worker::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), ("worker " + std::to_string(index_)).c_str());
    every_second();
    reactor_.run();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::post(std::move_only_function<void(Worker&)> work) {
  reactor_.post([this, work = std::move(work)]() mutable { work(*this); });
}

void Worker::install(std::shared_ptr<const config::Snapshot> snapshot,
                     std::vector<WorkerListener> listeners) {
  reactor_.post([this, snapshot = std::move(snapshot), listeners = std::move(listeners)]() mutable {
    // Whoever is queued on a listener that goes is taken with the configuration it belonged to.
    for (auto& accepting : accepting_) {
      bool wanted = std::ranges::any_of(
          listeners, [&](const WorkerListener& l) { return l.key == accepting->key; });
      if (!wanted) retire(std::move(accepting));
    }
    std::erase(accepting_, nullptr);
    gateway_.install(std::move(snapshot));
    std::vector<std::unique_ptr<Accepting>> kept;
    for (WorkerListener& wanted : listeners) {
      auto same = std::ranges::find_if(
          accepting_, [&](const auto& a) { return a != nullptr && a->key == wanted.key; });
      if (same != accepting_.end()) {
        (*same)->listener = wanted.listener;
        close(wanted.fd);
        kept.push_back(std::move(*same));
        continue;
      }
      auto fresh = std::make_unique<Accepting>(reactor_, wanted);
      if (fresh->socket.valid()) {
        accept_loop(*fresh);
        kept.push_back(std::move(fresh));
      }
    }
    accepting_ = std::move(kept);
  });
}

// Takes what is still queued, so that nobody who has connected is reset, then closes.
void Worker::retire(std::unique_ptr<Accepting> accepting) {
  while (accept_some(*accepting)) {
  }
  accepting->retired = true;
  accepting->socket.kill(ECANCELED);
  // Its loop wakes up once more and frees it.
  (void)accepting.release();  // NOLINT(bugprone-unused-return-value)
}

async::Detached Worker::accept_loop(Accepting& accepting) {
  for (;;) {
    async::IoResult ready = co_await async::WaitReadable(accepting.socket);
    if (!ready.ok()) break;
    if (accept_some(accepting)) {
      co_await Yield{reactor_};
    } else if (errno != EAGAIN) {
      // Out of descriptors or memory: what is queued waits, and so do we.
      recorder_.connections().refuse(telemetry::ConnectionRefusal::descriptors);
      async::Sleep pause(reactor_, 100ms);
      co_await pause;
    }
  }
  if (accepting.retired) delete &accepting;  // released by `retire`
}

// True: there may be more.
bool Worker::accept_some(Accepting& accepting) {
  for (int i = 0; i < kAcceptBatch; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    int fd = accept4(accepting.socket.fd(), reinterpret_cast<sockaddr*>(&peer), &size,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN) accepting.socket.drained();
      return false;
    }
    gateway_.run(fd, peer, accepting.listener, accepting.port);
  }
  return true;
}

async::Detached Worker::every_second() {
  while (!stopping_) {
    recorder_.flush();
    async::Sleep second(reactor_, 1s);
    second_ = &second;
    co_await second;
    second_ = nullptr;
  }
}

void Worker::drain(std::move_only_function<void()> done) {
  reactor_.post([this, done = std::move(done)]() mutable {
    for (auto& accepting : accepting_) retire(std::move(accepting));
    accepting_.clear();
    gateway_.drain();
    done();
  });
}

void Worker::stop() {
  reactor_.post([this] {
    for (auto& accepting : accepting_) retire(std::move(accepting));
    accepting_.clear();
    end();
  });
}

async::Detached Worker::end() {
  gateway_.drain();
  // Killed connections end their exchanges and log them; that takes a few turns, and longer where
  // one waits for another thread, which has its own limits.
  constexpr int kMostTurns = 1500;
  for (int turn = 0; gateway_.connections() > 0 && turn < kMostTurns; ++turn) {
    gateway_.kill_all();
    async::Sleep moment(reactor_, 10ms);
    co_await moment;
  }
  stopping_ = true;
  if (second_ != nullptr) second_->cancel();
  recorder_.flush();
  reactor_.stop();
}

}  // namespace sallyport::gateway
