// Where finished log lines go: one thread that writes them to a file or to standard output.
//
// Workers hand over whole buffers and never wait for the disk. What cannot be written is kept up to
// a bound; beyond it new lines are dropped and counted. It never blocks a worker and never gives up
// on a full disk.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace sallyport::telemetry {

class PrometheusWriter;

// Whole lines waiting to be written.
struct LogBuffer {
  // A buffer is handed over once it holds this much; one line more always fits.
  static constexpr std::size_t kFull = 64UZ * 1024;
  static constexpr std::size_t kLongestLine = 128UZ * 1024;
  static constexpr std::size_t kCapacity = kFull + kLongestLine;

  std::unique_ptr<char[]> bytes;
  std::size_t size = 0;
  std::uint64_t lines = 0;
};

class LogSink {
 public:
  struct Options {
    std::string path = "-";                     // file, "-": standard output, "": discard
    std::size_t backlog = 64UZ * 1024 * 1024;   // bytes kept while they cannot be written
    std::chrono::milliseconds stop_wait{5000};  // how long `stop` waits for a reader that stalls
  };

  // Opens the file (created with mode 0640, appended to) and starts the thread. The error is a
  // sentence. Opening a file again needs the rights the process has then.
  [[nodiscard]] static std::expected<std::unique_ptr<LogSink>, std::string> open(Options options);
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  ~LogSink() { stop(); }

  // Any thread. Takes the lines in `buffer` and leaves it empty, ready to be filled; also to be
  // called with an empty LogBuffer to get storage.
  void submit(LogBuffer& buffer);

  // Any thread (not a signal handler). The file is opened again under its name before anything else
  // is written; if that fails the old one stays in use.
  void reopen();
  // Any thread. Goes on in another file; on an error nothing changes.
  [[nodiscard]] std::expected<void, std::string> redirect(const std::string& path);
  // Writes everything that was submitted, then ends the thread. Later lines are dropped.
  void stop();

  // False: lines are discarded, so do not bother to format them.
  [[nodiscard]] bool on() const { return on_.load(std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t lines_written() const { return lines_written_.load(); }
  [[nodiscard]] std::uint64_t lines_dropped() const { return lines_dropped_.load(); }
  [[nodiscard]] std::uint64_t write_errors() const { return write_errors_.load(); }
  [[nodiscard]] std::size_t backlog_bytes() const { return backlog_.load(); }
  void write_metrics(PrometheusWriter& out) const;

 private:
  using Clock = std::chrono::steady_clock;
  using Lock = std::unique_lock<std::mutex>;
  enum class Wrote : std::uint8_t { all, interrupted, failed };

  struct Output {
    int fd = -1;  // -1: discard
    bool is_socket = false;
    std::string path;

    Output() = default;
    Output(Output&& other) noexcept { swap(other); }
    Output& operator=(Output&& other) noexcept {
      swap(other);
      return *this;
    }
    ~Output();
    void swap(Output& other) noexcept;
  };
  [[nodiscard]] static std::expected<Output, std::string> open_output(const std::string& path);
  [[nodiscard]] static Output open_standard_output();

  LogSink(Options options, Output output);
  [[nodiscard]] LogBuffer take_storage();

  // The writer thread's. Where a lock is given, it is held on entry and on return.
  void run();
  void change_output(Lock& lock);
  [[nodiscard]] bool next_buffer();
  [[nodiscard]] Wrote write_current();
  void finish_current();
  void drop_rest();
  void back_to_line_start();
  void complain(const std::string& what);

  const Options options_;

  std::mutex mutex_;  // guards what follows, down to `interrupt_`
  std::condition_variable wake_;
  std::deque<LogBuffer> queue_;
  std::vector<LogBuffer> spare_;
  std::optional<Output> next_output_;
  bool reopen_wanted_ = false;
  bool stopped_ = false;
  std::atomic<bool> interrupt_{false};  // the writer should look at the above

  Output output_;
  LogBuffer current_;
  std::size_t written_ = 0;  // of `current_`
  bool failing_ = false;
  Clock::time_point quiet_until_;  // next complaint
  std::atomic<Clock::time_point> deadline_{Clock::time_point::max()};

  std::atomic<bool> on_;
  std::atomic<std::size_t> backlog_{0};
  std::atomic<std::uint64_t> lines_written_{0};
  std::atomic<std::uint64_t> lines_dropped_{0};
  std::atomic<std::uint64_t> write_errors_{0};
  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace sallyport::telemetry
