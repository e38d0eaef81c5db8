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
// Events of the line that are done before those that end exchanges are looked for again.
constexpr std::size_t kBegunAtOnce = 64;
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
  {
    std::scoped_lock lock(lifeline_->mutex_);
    lifeline_->reactor_ = nullptr;
  }
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
  slot.events = 0;
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

// What ends exchanges is done at once; what begins them waits in line and is done a few at a time.
// Exchanges under way stay few however many clients wait, and what they touch (their memory, the
// connections to upstreams) stays in the cache.
void Reactor::run() {
  current_ = this;
  std::array<epoll_event, kBatch> events;
  while (!stopped_) {
    bool busy = !ready_.empty() || !line_.empty();
    int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                           busy ? 0 : timers_.until_next());
    timers_.set_now(monotonic_milliseconds());
    bool woken = false;
    for (const epoll_event& seen :
         std::span(events.data(), static_cast<std::size_t>(std::max(count, 0)))) {
      const std::uint64_t ticket = seen.data.u64;
      Slot* slot = ticket == kWakeTicket ? nullptr : find(ticket);
      if (slot == nullptr) {
        woken = woken || ticket == kWakeTicket;
      } else if ((ticket & kFirst) != 0) {
        slot->socket->on_event(seen.events);
      } else {
        if (slot->events == 0) line_.push_back(ticket);
        slot->events |= seen.events;
      }
    }
    for (std::size_t i = 0; i < kBegunAtOnce && !line_.empty(); ++i) {
      Slot* slot = find(line_.front());
      line_.pop_front();
      if (slot != nullptr) slot->socket->on_event(std::exchange(slot->events, 0));
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
