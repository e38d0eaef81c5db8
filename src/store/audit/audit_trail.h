// The append-only record of who changed what. An event is acknowledged once it is on the disk.
//
// One thread writes; whoever records waits only if he wants to. Events that arrive while the disk
// is busy share the next write.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "store/audit/audit_file.h"
#include "store/audit/audit_signer.h"
#include "store/error.h"

namespace sallyport::store {

struct AuditHealth {
  bool up = true;
  std::string error;       // why it is not up, or was not last
  std::uint64_t seq = 0;   // of the last line
  std::uint64_t head = 0;  // of the last signed head this process wrote
};

class AuditTrail {
 public:
  static constexpr std::size_t kLongestLine = 1UZ << 20;
  static constexpr std::size_t kMostWaiting = 65536;

  struct Options {
    std::string path;
    std::uint64_t rotate_at = 64ULL << 20;            // bytes; a file is closed once it holds more
    std::uint64_t head_every = 100;                   // events
    std::chrono::milliseconds head_interval{10'000};  // since the first event that no head covers
  };
  using Done = std::move_only_function<void(Outcome<std::uint64_t>)>;

  // Finds the end of the trail, or begins it, and records what a crash left half written.
  [[nodiscard]] static Outcome<std::unique_ptr<AuditTrail>> open(Options options,
                                                                 AuditSigner signer);
  AuditTrail(const AuditTrail&) = delete;
  AuditTrail& operator=(const AuditTrail&) = delete;
  // Writes what is waiting, and a head.
  ~AuditTrail();

  // Any thread. `done` gets the number of the line, on the trail's thread: to be brief. An event
  // whose line would be too long, or one too many to wait, fails at once, on the caller's thread.
  void append(AuditEvent event, Done done);
  [[nodiscard]] std::future<Outcome<std::uint64_t>> append(AuditEvent event);

  [[nodiscard]] AuditHealth health() const;
  [[nodiscard]] const AuditSigner& signer() const { return signer_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    AuditEvent event;
    std::int64_t time;
    Done done;
  };
  AuditTrail(Options options, AuditSigner signer);

  // The trail's thread's.
  void loop();
  void write(std::deque<Waiting> batch, bool sign_now);
  // In a turn: what was found wrong, the events, and a head if one is due or wanted now. The number
  // of the first event's line.
  [[nodiscard]] Outcome<std::uint64_t> write_lines(const std::deque<Waiting>& batch, bool sign_now);
  void wrote(std::uint64_t events, const std::string& head);
  void note(const Outcome<void>& outcome);

  const Options options_;
  const AuditSigner signer_;
  AuditFile file_;
  std::uint64_t unsigned_ = 0;  // events since the last head
  Clock::time_point head_due_ = Clock::time_point::max();

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Waiting> queue_;
  bool stopping_ = false;
  AuditHealth health_;

  std::thread thread_;
};

}  // namespace sallyport::store
