#include "http/name_cache.h"

#include <coroutine>
#include <utility>

#include "async/background.h"
#include "async/resolver.h"

namespace sallyport::http {
namespace {

using namespace std::chrono_literals;

// How long the threads try; who waits has its own limit.
constexpr std::chrono::milliseconds kMost = 5s;
// That a name is not known is believed for so long.
constexpr std::chrono::milliseconds kFailure = 1s;
// Names come from the configuration; this bounds what many reloads leave behind.
constexpr std::size_t kMostNames = 256;

async::Background& threads() {
  static async::Background kept(4);
  return kept;
}

std::string list_of(const async::Resolution& found) {
  std::string list;
  for (const async::SocketAddress& address : found.addresses) {
    std::string text = address.text();
    text.resize(text.rfind(':'));  // the port
    list += (list.empty() ? "" : ",") + text;
  }
  return list;
}

}  // namespace

// Somebody who waits for an entry, in that one's list; ends it by itself when time is up.
struct NameCache::Wait : async::Timer {
  Wait(async::Reactor& its, Entry& wanted, std::chrono::milliseconds most)
      : Timer(&Wait::expire), reactor(its), entry(wanted), limit(its.timeout(most)) {}

  static bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> who);
  static void await_resume() noexcept {}
  void end() {
    disarm();
    reactor.schedule(waiter);
  }
  static void expire(Timer& timer);

  async::Reactor& reactor;
  Entry& entry;
  async::TimerList& limit;
  std::coroutine_handle<> waiter;
  Wait* next = nullptr;
};

struct NameCache::Entry {
  std::string addresses;
  std::string error;
  std::uint64_t good_until = 0;  // milliseconds of the reactor
  bool under_way = false;
  Wait* waiting = nullptr;

  void take(async::Resolution found, std::uint64_t now) {
    under_way = false;
    const bool failed = found.addresses.empty();
    // Old addresses are better than none.
    if (!failed) addresses = list_of(found);
    error = std::move(found.error);
    const std::chrono::milliseconds good = failed ? kFailure : found.ttl;
    good_until = now + static_cast<std::uint64_t>(good.count());
    end_waits();
  }
  void end_waits() {
    while (Wait* first = waiting) {
      waiting = first->next;
      first->end();
    }
  }
};

void NameCache::Wait::await_suspend(std::coroutine_handle<> who) {
  waiter = who;
  next = std::exchange(entry.waiting, this);
  arm(limit);
}

void NameCache::Wait::expire(Timer& timer) {
  auto& self = static_cast<Wait&>(timer);
  Wait** link = &self.entry.waiting;
  while (*link != &self) link = &(*link)->next;
  *link = self.next;
  self.reactor.schedule(self.waiter);
}

Task<NameCache::Found> NameCache::find(const std::string& host, std::chrono::milliseconds timeout) {
  std::shared_ptr<Entry> entry = entries_[host];
  if (entry == nullptr) {
    if (entries_.size() > kMostNames) entries_.clear();
    entry = entries_[host] = std::make_shared<Entry>();
  }
  if (reactor_.now() >= entry->good_until && !entry->under_way) look_up(entry, host);
  if (entry->addresses.empty() && entry->under_way) {
    Wait wait(reactor_, *entry, timeout);
    co_await wait;
  }
  if (!entry->addresses.empty()) co_return Found{.addresses = entry->addresses, .error = {}};
  co_return Found{
      .addresses = {},
      .error = entry->error.empty() ? "no address for " + host + " in time" : entry->error};
}

void NameCache::look_up(const std::shared_ptr<Entry>& entry, const std::string& host) {
  entry->under_way = true;
  threads().run([entry, host, &reactor = reactor_, lifeline = reactor_.lifeline()]() mutable {
    async::Resolution found = async::resolve(host, 0, kMost);
    lifeline->post([entry = std::move(entry), found = std::move(found), &reactor]() mutable {
      entry->take(std::move(found), reactor.now());
    });
  });
}

void NameCache::end_waits() {
  for (auto& [host, entry] : entries_) entry->end_waits();
}

}  // namespace sallyport::http
