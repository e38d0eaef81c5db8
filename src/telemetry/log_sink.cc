// The writer thread: one loop that takes buffers from the queue and writes them, and otherwise
// waits. Its lock is never held during a system call on the output.
#include "telemetry/log_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "telemetry/prometheus_writer.h"

namespace sallyport::telemetry {
namespace {

constexpr std::size_t kSpareBuffers = 16;
constexpr std::chrono::seconds kRetryAfter{1};
constexpr std::chrono::minutes kBetweenComplaints{1};
constexpr int kPollMilliseconds = 100;

std::string error_text(int error) { return std::generic_category().message(error); }

std::uint64_t count_lines(const char* bytes, std::size_t size) {
  return static_cast<std::uint64_t>(std::count(bytes, bytes + size, '\n'));
}

}  // namespace

LogSink::Output::~Output() {
  if (fd >= 0) ::close(fd);
}

void LogSink::Output::swap(Output& other) noexcept {
  std::swap(fd, other.fd);
  std::swap(is_socket, other.is_socket);
  std::swap(path, other.path);
}

// A pipe or terminal is opened anew, so that only this descriptor becomes non-blocking and not the
// one shared with whoever started the program.
LogSink::Output LogSink::open_standard_output() {
  Output output;
  output.path = "-";
  struct stat status{};
  bool known = ::fstat(STDOUT_FILENO, &status) == 0;
  output.is_socket = known && S_ISSOCK(status.st_mode);
  if (known && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))) {
    output.fd = ::open("/proc/self/fd/1", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  }
  if (output.fd < 0) output.fd = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  return output;
}

std::expected<LogSink::Output, std::string> LogSink::open_output(const std::string& path) {
  Output output;
  if (path == "-") {
    output = open_standard_output();
    if (output.fd < 0) return std::unexpected("standard output is closed");
  } else if (!path.empty()) {
    output.path = path;
    // Non-blocking for named pipes: without a reader they fail here instead of hanging.
    output.fd = ::open(path.c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
    if (output.fd < 0) return std::unexpected("cannot open " + path + ": " + error_text(errno));
  }
  return output;
}

std::expected<std::unique_ptr<LogSink>, std::string> LogSink::open(Options options) {
  auto output = open_output(options.path);
  if (!output) return std::unexpected(output.error());
  // The constructor is private, so make_unique cannot be used.
  return std::unique_ptr<LogSink>(new LogSink(std::move(options), std::move(*output)));
}

LogSink::LogSink(Options options, Output output)
    : options_(std::move(options)), output_(std::move(output)), on_(output_.fd >= 0) {
  // Signals are for the threads that wait for them; a broken pipe shows as EPIPE.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LogBuffer LogSink::take_storage() {
  LogBuffer storage;
  if (spare_.empty()) {
    storage.bytes = std::make_unique_for_overwrite<char[]>(LogBuffer::kCapacity);
  } else {
    storage = std::move(spare_.back());
    spare_.pop_back();
  }
  return storage;
}

void LogSink::submit(LogBuffer& buffer) {
  Lock lock(mutex_);
  if (buffer.bytes == nullptr) {
    buffer = take_storage();
    return;
  }
  std::size_t size = std::exchange(buffer.size, 0);
  std::uint64_t lines = std::exchange(buffer.lines, 0);
  if (size == 0) return;
  if (stopped_ || backlog_ + size > options_.backlog) {
    lines_dropped_ += lines;
    return;
  }
  backlog_ += size;
  if (!queue_.empty() && queue_.back().size + size <= LogBuffer::kFull) {
    // Small pieces of several workers share a buffer.
    LogBuffer& last = queue_.back();
    std::memcpy(last.bytes.get() + last.size, buffer.bytes.get(), size);
    last.size += size;
    last.lines += lines;
  } else {
    queue_.push_back({.bytes = std::move(buffer.bytes), .size = size, .lines = lines});
    buffer = take_storage();
  }
  lock.unlock();
  wake_.notify_one();
}

void LogSink::reopen() {
  {
    Lock lock(mutex_);
    reopen_wanted_ = true;
    interrupt_ = true;
  }
  wake_.notify_one();
}

std::expected<void, std::string> LogSink::redirect(const std::string& path) {
  auto output = open_output(path);
  if (!output) return std::unexpected(output.error());
  {
    Lock lock(mutex_);
    next_output_ = std::move(*output);
    on_ = next_output_->fd >= 0;
    interrupt_ = true;
  }
  wake_.notify_one();
  return {};
}

void LogSink::stop() {
  {
    Lock lock(mutex_);
    if (!stopped_) deadline_ = Clock::now() + options_.stop_wait;
    stopped_ = true;
    interrupt_ = true;
  }
  wake_.notify_one();
  std::scoped_lock joining(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void LogSink::run() {
  pthread_setname_np(pthread_self(), "sallyport-log");
  Lock lock(mutex_);
  while (true) {
    interrupt_ = false;
    change_output(lock);
    if (!next_buffer()) {
      if (stopped_) break;
      wake_.wait(lock, [this] { return interrupt_ || !queue_.empty(); });
      continue;
    }
    lock.unlock();
    Wrote wrote = write_current();
    lock.lock();
    failing_ = wrote == Wrote::failed;
    if (wrote == Wrote::all) finish_current();
    if (!failing_) continue;
    if (stopped_) {
      drop_rest();
      break;
    }
    wake_.wait_for(lock, kRetryAfter, [this] { return interrupt_.load(); });
  }
}

// Another file is begun once the old one has everything, unless the old one does not take it.
void LogSink::change_output(Lock& lock) {
  bool idle = current_.size == 0 && queue_.empty();
  if (next_output_ && (idle || failing_)) {
    output_ = std::move(*next_output_);
    next_output_.reset();
    reopen_wanted_ = false;
    back_to_line_start();
  }
  if (!std::exchange(reopen_wanted_, false) || output_.path.empty() || output_.path == "-") return;
  std::string path = output_.path;
  lock.unlock();
  auto opened = open_output(path);
  if (!opened) complain(opened.error() + "; going on in the file that is open");
  lock.lock();
  if (!opened) return;
  output_ = std::move(*opened);
  back_to_line_start();
}

bool LogSink::next_buffer() {
  if (current_.size != 0) return true;
  if (queue_.empty()) return false;
  current_ = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

LogSink::Wrote LogSink::write_current() {
  while (output_.fd >= 0 && written_ < current_.size) {
    const char* from = current_.bytes.get() + written_;
    std::size_t size = current_.size - written_;
    ssize_t n = output_.is_socket ? ::send(output_.fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL)
                                  : ::write(output_.fd, from, size);
    if (n > 0) {
      written_ += static_cast<std::size_t>(n);
      continue;
    }
    int error = n == 0 ? EIO : errno;
    if (error == EINTR) continue;
    if (error != EAGAIN || Clock::now() >= deadline_.load()) {
      ++write_errors_;
      complain("cannot write " + output_.path + ": " + error_text(error));
      return Wrote::failed;
    }
    if (interrupt_) return Wrote::interrupted;
    pollfd wait{.fd = output_.fd, .events = POLLOUT, .revents = 0};
    ::poll(&wait, 1, kPollMilliseconds);
  }
  return Wrote::all;
}

void LogSink::finish_current() {
  if (output_.fd >= 0) lines_written_ += current_.lines;
  backlog_ -= current_.size;
  current_.size = 0;
  current_.lines = 0;
  if (spare_.size() < kSpareBuffers) spare_.push_back(std::move(current_));
  current_ = {};
  written_ = 0;
}

void LogSink::drop_rest() {
  std::uint64_t whole = count_lines(current_.bytes.get(), written_);
  lines_written_ += whole;
  lines_dropped_ += current_.lines - whole;
  for (const LogBuffer& buffer : queue_) lines_dropped_ += buffer.lines;
  queue_.clear();
  current_ = {};
  written_ = 0;
  backlog_ = 0;
}

// What a new file begins with is a whole line.
void LogSink::back_to_line_start() {
  while (written_ > 0 && current_.bytes[written_ - 1] != '\n') --written_;
}

void LogSink::complain(const std::string& what) {
  Clock::time_point now = Clock::now();
  if (now < quiet_until_) return;
  quiet_until_ = now + kBetweenComplaints;
  std::fprintf(stderr, "sallyport: access log: %s (%llu lines dropped so far)\n", what.c_str(),
               static_cast<unsigned long long>(lines_dropped_.load()));
}

void LogSink::write_metrics(PrometheusWriter& out) const {
  using enum PrometheusWriter::Type;
  out.single("sallyport_log_lines_total", counter, "Access log lines written.", lines_written());
  out.single("sallyport_log_lines_dropped_total", counter,
             "Access log lines lost because they could not be written in time.", lines_dropped());
  out.single("sallyport_log_write_errors_total", counter, "Failed writes of the access log.",
             write_errors());
  out.single("sallyport_log_backlog_bytes", gauge, "Access log bytes waiting to be written.",
             backlog_bytes());
}

}  // namespace sallyport::telemetry
