#include "async/reactor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>
#include <utility>

#include "async/socket.h"

namespace sallyport::async {
namespace {

constexpr std::size_t kBatch = 512;
constexpr std::uint64_t kWakeTicket = 0;  // slot 0, generation 0: never given to a socket

std::uint64_t monotonic_milliseconds() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1000 +
         static_cast<std::uint64_t>(t.tv_nsec) / 1'000'000;
}

}  // namespace

Reactor::Reactor()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (epoll_ < 0 || wake_ < 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  slots_.push_back({});
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeTicket;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
  timers_.set_now(monotonic_milliseconds());
}

Reactor::~Reactor() {
  close(wake_);
  close(epoll_);
}

std::uint64_t Reactor::add(Socket* socket, int fd, bool first) {
  std::uint32_t index = 0;
  if (free_slots_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back({});
  } else {
    index = free_slots_.back();
    free_slots_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.socket = socket;
  ++slot.generation;
  std::uint64_t ticket = static_cast<std::uint64_t>(slot.generation) << 32 | index;
  if (first) ticket |= kFirst;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = ticket;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    remove(ticket);
    return 0;
  }
  return ticket;
}

void Reactor::remove(std::uint64_t ticket) {
  auto index = static_cast<std::uint32_t>(ticket & ~kFirst);
  slots_[index].socket = nullptr;
  ++slots_[index].generation;
  free_slots_.push_back(index);
}

void Reactor::post(std::move_only_function<void()> work) {
  {
    std::scoped_lock lock(inbox_mutex_);
    inbox_.push_back(std::move(work));
  }
  std::uint64_t one = 1;
  // The counter cannot overflow in practice, and then the reader is awake anyway.
  [[maybe_unused]] ssize_t written = write(wake_, &one, sizeof one);
}

void Reactor::stop() {
  post([this] { stopped_ = true; });
}

void Reactor::run_inbox() {
  std::uint64_t count = 0;
  [[maybe_unused]] ssize_t got = read(wake_, &count, sizeof count);
  std::vector<std::move_only_function<void()>> work;
  {
    std::scoped_lock lock(inbox_mutex_);
    work.swap(inbox_);
  }
  for (auto& each : work) each();
}

void Reactor::run() {
  current_ = this;
  std::array<epoll_event, kBatch> events;
  while (!stopped_) {
    int timeout = ready_.empty() ? timers_.until_next() : 0;
    int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
    timers_.set_now(monotonic_milliseconds());
    bool woken = false;
    std::span batch(events.data(), static_cast<std::size_t>(std::max(count, 0)));
    // What ends exchanges comes before what begins them: their memory is used again while it is
    // hot, and fewer are under way at any time.
    for (std::uint64_t first : {kFirst, std::uint64_t{0}}) {
      for (const epoll_event& event : batch) {
        if ((event.data.u64 & kFirst) != first) continue;
        if (event.data.u64 == kWakeTicket) {
          woken = true;
        } else if (Socket* socket = find(event.data.u64); socket != nullptr) {
          socket->on_event(event.events);
        }
      }
    }
    if (woken) run_inbox();
    timers_.advance(timers_.now());
    if (!ready_.empty()) {
      resuming_.swap(ready_);
      for (std::coroutine_handle<> handle : resuming_) handle.resume();
      resuming_.clear();
    }
  }
  current_ = nullptr;
}

}  // namespace sallyport::async
