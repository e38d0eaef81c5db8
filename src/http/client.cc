// libcurl wants to know when its sockets are ready as long as they are (level-triggered), the
// reactor tells once (edge-triggered): the sockets stand in an epoll instance of their own, and
// that one is a socket of the reactor. It is emptied whenever it becomes ready.
#include "http/client.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <optional>
#include <span>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "async/resolver.h"
#include "async/socket.h"
#include "base/text.h"
#include "http/name_cache.h"
#include "http/service_url.h"
#include "http/transfer.h"

namespace sallyport::http {
namespace {

using curl_detail::Transfer;

// Looks at the sockets, at most so many times before others get their turn.
constexpr int kRounds = 8;
constexpr std::size_t kBatch = 64;
// Handles without a transfer, and connections without one, that are kept.
constexpr std::size_t kKeptHandles = 64;
constexpr long kKeptConnections = 128;

struct CleanupMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const {
  auto found = std::ranges::find_if(headers, [name](const ClientField& field) {
    return text::equals_ignoring_case(field.name, name);
  });
  return found == headers.end() ? std::string_view{} : std::string_view(found->value);
}

class Client::Engine final : private async::SocketWatcher, private async::Timer {
 public:
  Engine(async::Reactor& reactor, ClientLimits limits)
      : Timer(&Engine::on_timer),
        reactor_(reactor),
        limits_(limits),
        names_(reactor),
        sockets_(reactor, epoll_create1(EPOLL_CLOEXEC), false) {
    if (curl_detail::library_ready()) multi_.reset(curl_multi_init());
    if (!sockets_.valid() || multi_ == nullptr) {
      throw std::system_error(errno, std::generic_category(), "a client of HTTP");
    }
    sockets_.watch(this);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &Engine::on_interest);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kKeptConnections);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() {
    while (first_ != nullptr) remove(*first_);  // those who wait are never resumed
  }

  Task<std::expected<ClientResponse, std::string>> send(ClientRequest request);
  void stop();
  [[nodiscard]] std::size_t in_flight() const {
    std::size_t all = 0;
    for (const auto& [origin, count] : counts_) all += count;
    return all;
  }

 private:
  // One more for a destination, as long as it lives.
  class Counted {
   public:
    Counted(Engine& engine, std::string_view origin) : engine_(engine), origin_(origin) {
      count_ = ++engine.counts_[origin_];
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() {
      auto found = engine_.counts_.find(origin_);
      if (--found->second == 0) engine_.counts_.erase(found);
    }
    [[nodiscard]] bool too_many() const { return count_ > engine_.limits_.most_in_flight; }

   private:
    Engine& engine_;
    const std::string origin_;
    std::size_t count_;
  };

  // Waits until the transfer has ended.
  struct Wait {
    Engine& engine;
    Transfer& transfer;
    [[nodiscard]] bool await_ready() const { return transfer.ended; }
    void await_suspend(std::coroutine_handle<> waiter) const { transfer.waiter = waiter; }
    static void await_resume() {}
  };

  void on_socket_event(bool readable, bool peer_closed, bool hung_up) override;
  static void on_timer(Timer& timer);
  static int on_interest(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  void add(Transfer& transfer);
  void remove(Transfer& transfer);
  void act(curl_socket_t socket, int what);
  void look();
  void settle();
  [[nodiscard]] curl_detail::Easy take_handle();
  void give_back(curl_detail::Easy handle);

  async::Reactor& reactor_;
  const ClientLimits limits_;
  NameCache names_;
  async::Socket sockets_;
  std::vector<curl_detail::Easy> handles_;
  std::unique_ptr<CURLM, CleanupMulti> multi_;  // gone before the epoll instance it writes to
  std::unordered_map<std::string, std::size_t> counts_;
  Transfer* first_ = nullptr;
  bool stopped_ = false;
};

Task<std::expected<ClientResponse, std::string>> Client::Engine::send(ClientRequest request) {
  using Answer = std::expected<ClientResponse, std::string>;
  const std::optional<Destination> to = destination_of(request.url);
  if (!to || !may_be_fetched(request.url, request.insecure_http)) {
    co_return Answer(std::unexpect, std::string(to ? to->origin : "this URL") +
                                        " is not asked: it has to be https");
  }
  const std::string origin(to->origin);
  const Counted counted(*this, origin);
  if (counted.too_many()) {
    co_return Answer(std::unexpect, origin + " is asked nothing more, as " +
                                        std::to_string(limits_.most_in_flight) +
                                        " requests wait for it");
  }
  const std::uint64_t begun = reactor_.now();
  std::string resolve;
  const bool literal = async::SocketAddress::literal(to->host, to->port).size != 0;
  if (!literal && to->host != "localhost") {
    Task<NameCache::Found> looking_up = names_.find(to->host, request.timeout);
    NameCache::Found found = co_await looking_up;
    if (found.addresses.empty()) co_return Answer(std::unexpect, origin + ": " + found.error);
    resolve = to->host + ':' + std::to_string(to->port) + ':' + found.addresses;
    const std::chrono::milliseconds spent(reactor_.now() - begun);
    request.timeout = std::max(request.timeout - spent, std::chrono::milliseconds(1));
  }
  if (stopped_) co_return Answer(std::unexpect, origin + " is not asked, as the gateway stops");

  curl_detail::Easy handle = take_handle();
  if (handle == nullptr) co_return Answer(std::unexpect, origin + ": there is no memory to ask it");
  Transfer transfer(request, origin);
  if (std::string why = transfer.prepare(handle.get(), resolve); !why.empty()) {
    co_return Answer(std::unexpect, origin + " is not asked: " + why);
  }
  add(transfer);
  Wait wait{.engine = *this, .transfer = transfer};
  co_await wait;
  Answer answer = transfer.result();
  give_back(std::move(handle));
  co_return answer;
}

void Client::Engine::add(Transfer& transfer) {
  transfer.next = first_;
  if (first_ != nullptr) first_->previous = &transfer;
  first_ = &transfer;
  if (curl_multi_add_handle(multi_.get(), transfer.handle) != CURLM_OK) {
    transfer.end(CURLE_OUT_OF_MEMORY);
    remove(transfer);
    return;
  }
  act(CURL_SOCKET_TIMEOUT, 0);  // begins it
  settle();
}

void Client::Engine::remove(Transfer& transfer) {
  curl_multi_remove_handle(multi_.get(), transfer.handle);
  if (transfer.next != nullptr) transfer.next->previous = transfer.previous;
  (transfer.previous != nullptr ? transfer.previous->next : first_) = transfer.next;
}

void Client::Engine::act(curl_socket_t socket, int what) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), socket, what, &running);
}

// What libcurl waits for at a socket has changed.
int Client::Engine::on_interest(CURL* /*easy*/, curl_socket_t socket, int what, void* self,
                                void* known) {
  auto& engine = *static_cast<Engine*>(self);
  const int epoll = engine.sockets_.fd();
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.fd = socket;
  if (what != CURL_POLL_OUT) event.events |= EPOLLIN;
  if (what != CURL_POLL_IN) event.events |= EPOLLOUT;
  if (epoll_ctl(epoll, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) != 0) {
    return -1;
  }
  curl_multi_assign(engine.multi_.get(), socket, &engine);
  return 0;
}

void Client::Engine::on_socket_event(bool /*readable*/, bool /*peer_closed*/, bool /*hung_up*/) {
  look();
}

void Client::Engine::on_timer(Timer& timer) {
  auto& engine = static_cast<Engine&>(timer);
  engine.act(CURL_SOCKET_TIMEOUT, 0);
  engine.look();
}

// Until no socket is ready: only then the reactor will tell about the next.
void Client::Engine::look() {
  for (int round = 0; round < kRounds; ++round) {
    std::array<epoll_event, kBatch> ready;  // NOLINT(*-member-init): filled by the kernel
    const int count = epoll_wait(sockets_.fd(), ready.data(), static_cast<int>(ready.size()), 0);
    if (count <= 0) {
      settle();
      return;
    }
    for (const epoll_event& each : std::span(ready).first(static_cast<std::size_t>(count))) {
      int what = 0;
      if ((each.events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
      if ((each.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
      if ((each.events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
      act(each.data.fd, what);
    }
  }
  settle();
  arm(reactor_.timeout(std::chrono::milliseconds(1)));
}

// Wakes those whose transfers have ended, and sees to it that time goes on for the others.
void Client::Engine::settle() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* found = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &found);
    auto& transfer = *static_cast<Transfer*>(found);
    transfer.end(message->data.result);
    remove(transfer);  // `message` is gone
    if (transfer.waiter) reactor_.schedule(transfer.waiter);
  }
  long milliseconds = -1;
  curl_multi_timeout(multi_.get(), &milliseconds);
  disarm();
  if (milliseconds < 0) return;
  // The reactor keeps a list for every duration that was ever asked for, so there are few: too
  // early does no harm.
  const auto most = static_cast<unsigned>(std::clamp(milliseconds, 1L, 60'000L));
  arm(reactor_.timeout(std::chrono::milliseconds(std::bit_floor(most))));
}

void Client::Engine::stop() {
  stopped_ = true;
  names_.end_waits();
  while (Transfer* transfer = first_) {
    transfer->cancel();
    remove(*transfer);
    if (transfer->waiter) reactor_.schedule(transfer->waiter);
  }
}

curl_detail::Easy Client::Engine::take_handle() {
  if (handles_.empty()) return curl_detail::make_easy();
  curl_detail::Easy handle = std::move(handles_.back());
  handles_.pop_back();
  return handle;
}

void Client::Engine::give_back(curl_detail::Easy handle) {
  if (handles_.size() >= kKeptHandles) return;
  curl_easy_reset(handle.get());
  handles_.push_back(std::move(handle));
}

Client::Client(async::Reactor& reactor, ClientLimits limits)
    : engine_(std::make_unique<Engine>(reactor, limits)) {}

Client::~Client() = default;

Task<std::expected<ClientResponse, std::string>> Client::send(ClientRequest request) {
  return engine_->send(std::move(request));
}

void Client::stop() { engine_->stop(); }

std::size_t Client::in_flight() const { return engine_->in_flight(); }

}  // namespace sallyport::http
