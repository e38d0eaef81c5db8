// What is counted about the gateway, and the page on which Prometheus reads it.
//
// Workers count into structures of their own, without locks; the page adds them up by label. Series
// are kept by name, not by configuration, so nothing ever counts backwards over a reload.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "policy/exchange.h"
#include "telemetry/log_context.h"
#include "telemetry/prometheus_writer.h"

namespace sallyport::telemetry {

// Why a connection was closed, or not even accepted, before anything was read from it but a PROXY
// header.
enum class ConnectionRefusal : std::uint8_t {
  total_limit,
  client_limit,
  descriptors,
  proxy_header,  // none in time, malformed, or of a peer that may not send one
};

// Connections of one worker; the gateway counts here directly.
struct alignas(kCacheLine) ConnectionCounters {
  Counter accepted;
  Gauge open;
  std::array<Counter, 4> refused;  // by ConnectionRefusal
  Counter handshakes;              // TLS, completed
  Counter handshakes_resumed;      // of those
  Counter handshakes_failed;
  Counter tunnels;  // upgraded connections
  Gauge tunnels_open;
  void refuse(ConnectionRefusal why) { refused[static_cast<std::size_t>(why)].add(); }
};

// How often each status was answered; 0: nothing was.
class StatusCounters {
 public:
  static constexpr std::size_t kSlots = 16;
  static constexpr std::uint16_t kOther = 0xFFFF;  // stands for what found no slot
  void add(std::uint16_t status);
  // Any thread: `each(status, count)`.
  template <typename Each>
  void for_each(Each each) const {
    for (const Slot& slot : slots_) {
      std::uint32_t key = slot.key.load(std::memory_order_acquire);
      if (key != 0) each(static_cast<std::uint16_t>(key - 1), slot.count.value());
    }
    if (std::uint64_t n = others_.value(); n != 0) each(kOther, n);
  }

 private:
  struct Slot {
    Counter count;
    std::atomic<std::uint32_t> key{0};  // status + 1; 0: free
  };
  std::array<Slot, kSlots> slots_;
  Counter others_;
};

struct alignas(kCacheLine) RouteCounters {
  StatusCounters statuses;
  Histogram duration;
  Counter bytes_in;
  Counter bytes_out;
};

struct alignas(kCacheLine) PolicyCounters {
  std::array<Counter, 3> verdicts;  // by Outcome
  Counter nanoseconds;
};

struct alignas(kCacheLine) UpstreamCounters {
  std::string name;
  Counter connects;  // exchanges on a new connection
  Counter reused;    // exchanges on a kept one
  Counter retries;
  Counter failures;  // ended early with the upstream to blame
  Histogram duration;
};

// How often each reason ended an exchange, found by the address of the Reason.
class ReasonCounters {
 public:
  static constexpr std::size_t kSlots = 512;
  void add(const Reason& reason);
  // Any thread: `each(reason, count)`; null stands for those that found no slot.
  template <typename Each>
  void for_each(Each each) const {
    for (const Slot& slot : slots_) {
      const Reason* reason = slot.reason.load(std::memory_order_acquire);
      if (reason != nullptr) each(reason, slot.count.value());
    }
    if (std::uint64_t n = others_.value(); n != 0) each(nullptr, n);
  }

 private:
  struct Slot {
    std::atomic<const Reason*> reason{nullptr};
    Counter count;
  };
  std::array<Slot, kSlots> slots_;
  Counter others_;
};

// What inspection found, and how often each rule matched.
class InspectionCounters {
 public:
  static constexpr std::size_t kSlots = 512;
  void add(const Inspection& inspection);
  // Any thread: `each(rule, count)`; 0 stands for rules that found no slot.
  template <typename Each>
  void for_each_rule(Each each) const {
    for (const Slot& slot : slots_) {
      std::int64_t rule = slot.rule.load(std::memory_order_acquire);
      if (rule != 0) each(rule, slot.count.value());
    }
    if (std::uint64_t n = others_.value(); n != 0) each(std::int64_t{0}, n);
  }

  std::array<Counter, 3> outcomes;  // clean, detected, blocked
  std::array<Counter, 2> cut;       // bodies of requests, of responses

 private:
  struct Slot {
    std::atomic<std::int64_t> rule{0};
    Counter count;
  };
  void add_rule(std::int64_t rule);

  std::array<Slot, kSlots> slots_;
  Counter others_;
};

// The counters of one worker. `record` and `connections` are for its thread only.
class WorkerMetrics {
 public:
  WorkerMetrics() = default;
  WorkerMetrics(const WorkerMetrics&) = delete;
  WorkerMetrics& operator=(const WorkerMetrics&) = delete;

  ConnectionCounters connections;

  // Counts a finished exchange. Takes a lock and memory only the first time an upstream is seen.
  void record(const Exchange& x, const LogContext& context);

  // The counters with these labels, made when missing; they stay where they are. Any thread.
  [[nodiscard]] RouteCounters& route(const std::string& api, const std::string& route);
  [[nodiscard]] PolicyCounters& policy(const std::string& name);
  [[nodiscard]] UpstreamCounters& upstream(std::string_view name);

 private:
  friend class Metrics;

  ReasonCounters reasons_;
  InspectionCounters inspection_;

  // Guards the maps, not the counts.
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<RouteCounters>> routes_;
  std::map<std::string, std::unique_ptr<PolicyCounters>> policies_;
  std::map<std::string, std::unique_ptr<UpstreamCounters>, std::less<>> upstreams_;
};

struct CertificateExpiry {
  std::string name;            // subject or file
  std::int64_t not_after = 0;  // Unix seconds
};

// Everything of the process. Thread-safe.
class Metrics {
 public:
  explicit Metrics(std::string version);

  // A further worker's counters; they stay as long as this does.
  [[nodiscard]] WorkerMetrics& add_worker();

  // A configuration went live, also the first one.
  void configured(std::uint64_t revision, const std::string& fingerprint);
  // A reload was refused.
  void reload_failed();
  void set_certificates(std::vector<CertificateExpiry> certificates);

  // Further families, written by `source` each time the page is read, on the reader's thread.
  using Source = std::function<void(PrometheusWriter&)>;
  void add_source(Source source);

  // The page. May take milliseconds with thousands of routes: not for a worker's thread.
  [[nodiscard]] std::string exposition() const;

 private:
  using Workers = std::vector<const WorkerMetrics*>;
  void write_process(PrometheusWriter& out) const;
  void write_configuration(PrometheusWriter& out) const;
  static void write_connections(PrometheusWriter& out, const Workers& workers);
  static void write_routes(PrometheusWriter& out, const Workers& workers);
  static void write_policies(PrometheusWriter& out, const Workers& workers);
  static void write_reasons(PrometheusWriter& out, const Workers& workers);
  static void write_inspection(PrometheusWriter& out, const Workers& workers);
  static void write_upstreams(PrometheusWriter& out, const Workers& workers);

  const std::string version_;
  const double started_;  // Unix seconds

  mutable std::mutex mutex_;
  std::deque<WorkerMetrics> workers_;
  std::vector<Source> sources_;
  std::vector<CertificateExpiry> certificates_;
  std::uint64_t revision_ = 0;
  std::string fingerprint_;
  std::uint64_t reloads_ok_ = 0;
  std::uint64_t reloads_failed_ = 0;
  std::int64_t last_reload_ = 0;  // Unix seconds, of the last one that went live
  bool last_reload_ok_ = true;
};

}  // namespace sallyport::telemetry
