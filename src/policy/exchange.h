// One request and its response: everything that is known about it, in one place, from first byte
// to log line. Policies read and change it; the gateway owns it.
//
// Lives in one thread. Everything it points to is in its arena, in its snapshot, or static.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "async/peer_certificate.h"
#include "base/arena.h"
#include "base/result.h"
#include "http/address.h"
#include "http/message.h"
#include "http/proven_values.h"
#include "policy/identity.h"
#include "policy/trail.h"

namespace sallyport {

class Policy;
struct Route;
namespace config {
class Snapshot;
}
namespace http {
class Client;
class Stream;
}  // namespace http
namespace store {
class CallerDirectory;
class Store;
}  // namespace store

// Who is at the other end, once trusted proxies are believed.
struct Client {
  net::Address address;
  std::string_view text;  // the address in its usual text form
  std::uint16_t port = 0;
};

// What is known about the client's TLS; empty strings on a plain connection.
struct TlsFacts {
  std::string_view version;      // "TLSv1.3"
  std::string_view cipher;       // "TLS_AES_128_GCM_SHA256"
  std::string_view server_name;  // SNI
  std::string_view client_subject;
  std::string_view client_fingerprint;  // SHA-256, hexadecimal; empty: none was shown
  std::span<const async::PeerName> client_names;
  bool on = false;
};

// Readings of Ticks; 0: has not happened.
struct Timings {
  std::uint64_t started = 0;   // the head had arrived
  std::uint64_t policies = 0;  // ticks spent in policies, both ways
  std::uint64_t upstream_begin = 0;
  std::uint64_t upstream_head = 0;  // response head had arrived
  std::uint64_t upstream_end = 0;
};

// What became of the way to the upstream.
struct UpstreamFacts {
  std::string_view name;
  std::string_view endpoint;  // "10.0.0.1:9000"; empty: none was chosen
  std::uint16_t status = 0;   // what it answered, before policies changed it
  std::uint8_t retries = 0;
  bool connection_reused = false;
};

// A rule of an inspecting policy that matched. Texts are the request's own or in the arena, and not
// masked yet: whoever writes them down does that.
struct Finding {
  std::int64_t rule = 0;
  std::string_view message;
  std::string_view variable;  // "ARGS:id"
  std::string_view value;     // of it
  std::uint8_t severity = 0;  // 0 (emergency) to 7 (debug)
};

// What inspection found, whether or not it ended the exchange.
struct Inspection {
  std::string_view mode;  // "block"; empty: nothing was inspected
  std::span<const Finding> findings;
  std::uint32_t inbound_score = 0;
  std::uint32_t outbound_score = 0;
  bool blocked = false;       // it ended the exchange
  bool request_cut = false;   // only the beginning of the request's body was inspected
  bool response_cut = false;  // the same of the response's, or nothing where it was compressed
};

// Which policy is being asked, and whether its verdicts are only recorded. What a policy keeps when
// it puts a body of its own in front of another, so that later verdicts are its own.
struct AskedPolicy {
  std::uint16_t index = 0;  // position in the route's pipeline
  bool monitor = false;
};

// The way to the upstream, from the request's first byte there until the answer has been written.
class UpstreamCall {
 public:
  virtual ~UpstreamCall() = default;
  // Waits for what still runs, and gives the connection back or closes it. To be awaited before
  // destruction.
  virtual Task<Done> finish() = 0;
};

struct Exchange {
  explicit Exchange(Arena& memory)
      : arena(memory), request(memory), response(memory), proven(memory), trail(memory) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() {
    for (Slot* s = slots_; s != nullptr; s = s->next) {
      if (s->destroy != nullptr) s->destroy(s->value);
    }
  }

  // State a policy keeps between its hooks, one typed slot per owner (the policy, or a part of it
  // with an address of its own); it goes with the exchange. Null from `slot_if` when it was never
  // asked for.
  template <typename T>
  T& slot(const void* owner) {
    if (void* found = find_slot(owner)) return *static_cast<T*>(found);
    static_assert(alignof(T) <= 8);
    T* made = new (arena.allocate(sizeof(T))) T{};
    void (*destroy)(void*) = nullptr;
    if constexpr (!std::is_trivially_destructible_v<T>) {
      destroy = [](void* value) { static_cast<T*>(value)->~T(); };
    }
    slots_ = new (arena.array<Slot>(1)) Slot{owner, made, destroy, slots_};
    return *made;
  }
  template <typename T>
  [[nodiscard]] T* slot_if(const void* owner) {
    return static_cast<T*>(find_slot(owner));
  }
  template <typename T>
  [[nodiscard]] const T* slot_if(const void* owner) const {
    return static_cast<const T*>(find_slot(owner));
  }

  Arena& arena;
  http::Stream* stream = nullptr;            // where the request came from; null in tests
  http::Client* services = nullptr;          // asks other services; of this thread, null in tests
  const config::Snapshot* config = nullptr;  // one configuration, start to end
  const Route* route = nullptr;              // null until routed
  // Who may call, as the store of callers knows it; null: there is no such store.
  const store::CallerDirectory* callers = nullptr;
  store::Store* store = nullptr;  // where what is to be kept is written; null with `callers`
  Client client;
  net::Address peer;          // the socket's own other end
  bool peer_trusted = false;  // a trusted proxy: its word on the client counts
  TlsFacts tls;
  net::Address local;  // our own end of the connection; all zeros: not known
  std::uint16_t listener_port = 0;
  std::uint16_t redirect_port = 0;  // not 0: this listener only redirects to https there

  std::array<char, 32> request_id{};  // hexadecimal
  std::array<char, 32> trace_id{};    // W3C trace context, hexadecimal
  std::array<char, 16> span_id{};     // ours; the upstream's parent
  bool trace_sampled = true;
  bool trace_continued = false;  // the client brought the trace
  // Nobody sent it: somebody asks what would become of it. What outlasts an exchange (replay
  // memory, revocations, counters, marks of use) stays as it is, and no service is asked to decide.
  bool rehearsal = false;

  http::Request request;
  http::Response response;
  std::span<const std::byte> request_body;  // held back, when a policy asked for that
  std::span<const std::byte> response_body;
  bool request_body_complete = true;  // false: `request_body` is only its beginning
  bool response_body_complete = true;

  // Who is calling; nothing until that was proven.
  std::optional<Identity> identity;

  // What policies have found out about values of the request, for those that come later.
  http::ProvenValues proven;

  // Values of the route's path parameters, in the order of the template.
  std::array<std::string_view, 8> path_parameters{};
  // "GET, HEAD" when the path is known but the method is not (405).
  std::string_view allowed_methods;

  Trail trail;
  AskedPolicy asked;               // written by the pipeline before each hook
  const Reason* reason = nullptr;  // why it ended early; null: it did not
  std::string_view detail;
  Inspection inspection;
  Timings timings;
  UpstreamFacts upstream;
  std::unique_ptr<UpstreamCall> call;  // null: nothing was sent upstream
  std::uint64_t bytes_in = 0;          // from the client: head and body as received
  std::uint64_t bytes_out = 0;         // to the client

  [[nodiscard]] std::string_view request_id_text() const {
    return {request_id.data(), request_id.size()};
  }

 private:
  struct Slot {
    const void* owner;
    void* value;
    void (*destroy)(void*);  // null: nothing to do
    Slot* next;
  };
  [[nodiscard]] void* find_slot(const void* owner) const {
    for (Slot* s = slots_; s != nullptr; s = s->next) {
      if (s->owner == owner) return s->value;
    }
    return nullptr;
  }
  Slot* slots_ = nullptr;
};

}  // namespace sallyport
