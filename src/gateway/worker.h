// One thread that serves: its reactor, its listening sockets, its gateway.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "async/reactor.h"
#include "async/socket.h"
#include "config/snapshot.h"
#include "gateway/gateway.h"
#include "telemetry/recorder.h"

namespace sallyport::gateway {

// A listening socket handed to a worker: a duplicate it owns.
struct WorkerListener {
  std::string key;
  std::size_t listener;  // position in the snapshot's list
  std::uint16_t port;
  int fd;
};

class Worker {
 public:
  Worker(unsigned index, telemetry::LogSink* sink, telemetry::WorkerMetrics& metrics,
         ConnectionLimits& limits, std::uint32_t trail_records);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // The functions down to `join` are for the controlling thread.
  void start();
  // From the next request on this configuration is used. Sockets of listeners that are gone take
  // what is queued and close.
  void install(std::shared_ptr<const config::Snapshot> snapshot,
               std::vector<WorkerListener> listeners);
  // Takes what is queued, accepts nothing more, and lets connections end. `done` is called on the
  // worker's thread once nothing new can come.
  void drain(std::move_only_function<void()> done);
  // Ends connections that are still open, writes what is pending, ends the thread.
  void stop();
  void join();
  // Runs `work` on the worker's thread.
  void post(std::move_only_function<void(Worker&)> work);

  // For work posted to this worker.
  [[nodiscard]] Gateway& gateway() { return gateway_; }
  [[nodiscard]] telemetry::Recorder& recorder() { return recorder_; }

 private:
  struct Accepting;
  async::Detached accept_loop(Accepting& accepting);
  bool accept_some(Accepting& accepting);
  async::Detached every_second();
  async::Detached end();
  void retire(std::unique_ptr<Accepting> accepting);

  const unsigned index_;
  async::Reactor reactor_;
  telemetry::Recorder recorder_;
  Gateway gateway_;
  std::vector<std::unique_ptr<Accepting>> accepting_;
  async::Sleep* second_ = nullptr;  // what every_second waits on
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sallyport::gateway
