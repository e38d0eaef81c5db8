// Counting on the workers, adding up on the page.
#include "telemetry/metrics.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/clock.h"
#include "policy/audit_lines.h"
#include "policy/inspection_checks.h"
#include "policy/route.h"
#include "policy/shadow_decisions.h"

namespace sallyport::telemetry {
namespace {

using enum PrometheusWriter::Type;

constexpr std::array<std::string_view, 4> kRefusals = {"total_limit", "client_limit", "descriptors",
                                                       "proxy_header"};
constexpr std::array<std::string_view, 3> kOutcomes = {"passed", "stopped", "monitored"};
constexpr std::array<std::string_view, 3> kInspectionOutcomes = {"clean", "detected", "blocked"};
constexpr std::array<std::string_view, 4> kBlames = {"client", "upstream", "operations", "gateway"};

double seconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }
double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

std::string status_text(std::uint16_t status) {
  if (status == 0) return "none";
  return status == StatusCounters::kOther ? "other" : std::to_string(status);
}

// Hash of an address that never moves; constants are at least eight bytes apart.
std::size_t slot_of(const Reason& reason) {
  return (reinterpret_cast<std::uintptr_t>(&reason) >> 3) * 0x9E3779B1U >> 7 &
         (ReasonCounters::kSlots - 1);
}

}  // namespace

void StatusCounters::add(std::uint16_t status) {
  std::uint32_t key = std::uint32_t{status} + 1;
  for (Slot& slot : slots_) {
    std::uint32_t held = slot.key.load(std::memory_order_relaxed);
    if (held != key && held != 0) continue;
    if (held == 0) slot.key.store(key, std::memory_order_release);
    slot.count.add();
    return;
  }
  others_.add();
}

void ReasonCounters::add(const Reason& reason) {
  constexpr std::size_t kProbes = 32;
  std::size_t at = slot_of(reason);
  for (std::size_t i = 0; i < kProbes; ++i) {
    Slot& slot = slots_[(at + i) & (kSlots - 1)];
    const Reason* held = slot.reason.load(std::memory_order_relaxed);
    if (held != nullptr && held != &reason) continue;
    if (held == nullptr) slot.reason.store(&reason, std::memory_order_release);
    slot.count.add();
    return;
  }
  others_.add();
}

void InspectionCounters::add(const Inspection& inspection) {
  bool found = !inspection.findings.empty();
  outcomes.at(inspection.blocked ? 2 : found ? 1 : 0).add();
  if (inspection.request_cut) cut[0].add();
  if (inspection.response_cut) cut[1].add();
  for (const Finding& finding : inspection.findings) add_rule(finding.rule);
}

void InspectionCounters::add_rule(std::int64_t rule) {
  constexpr std::size_t kProbes = 32;
  std::size_t at = static_cast<std::size_t>(rule) * 0x9E3779B97F4A7C15U >> 48;
  for (std::size_t i = 0; i < kProbes && rule != 0; ++i) {
    Slot& slot = slots_[(at + i) & (kSlots - 1)];
    std::int64_t held = slot.rule.load(std::memory_order_relaxed);
    if (held != rule && held != 0) continue;
    if (held == 0) slot.rule.store(rule, std::memory_order_release);
    slot.count.add();
    return;
  }
  others_.add();
}

void WorkerMetrics::record(const Exchange& x, const LogContext& context) {
  RouteNotes& notes = *context.notes;
  RouteCounters& route = *notes.counters;
  route.statuses.add(x.response.status);
  route.duration.observe(context.total_ns);
  route.bytes_in.add(x.bytes_in);
  route.bytes_out.add(x.bytes_out);

  for (const TrailEntry& entry : x.trail.entries()) {
    if (entry.policy >= notes.policies.size()) continue;
    PolicyCounters& policy = *notes.policies[entry.policy];
    policy.verdicts[static_cast<std::size_t>(entry.outcome)].add();
    policy.nanoseconds.add(entry.nanoseconds);
  }
  if (x.reason != nullptr) reasons_.add(*x.reason);
  if (!x.inspection.mode.empty()) inspection_.add(x.inspection);

  if (x.upstream.name.empty()) return;
  if (notes.upstream == nullptr || notes.upstream->name != x.upstream.name) {
    notes.upstream = &upstream(x.upstream.name);
  }
  UpstreamCounters& upstream = *notes.upstream;
  if (!x.upstream.endpoint.empty()) {
    (x.upstream.connection_reused ? upstream.reused : upstream.connects).add();
    upstream.duration.observe(context.upstream_ns);
  }
  if (x.upstream.retries != 0) upstream.retries.add(x.upstream.retries);
  if (x.reason != nullptr && x.reason->blame == Blame::upstream) upstream.failures.add();
}

RouteCounters& WorkerMetrics::route(const std::string& api, const std::string& route) {
  std::scoped_lock lock(mutex_);
  std::unique_ptr<RouteCounters>& counters = routes_[{api, route}];
  if (counters == nullptr) counters = std::make_unique<RouteCounters>();
  return *counters;
}

PolicyCounters& WorkerMetrics::policy(const std::string& name) {
  std::scoped_lock lock(mutex_);
  std::unique_ptr<PolicyCounters>& counters = policies_[name];
  if (counters == nullptr) counters = std::make_unique<PolicyCounters>();
  return *counters;
}

UpstreamCounters& WorkerMetrics::upstream(std::string_view name) {
  std::scoped_lock lock(mutex_);
  auto found = upstreams_.find(name);
  if (found == upstreams_.end()) {
    found = upstreams_.emplace(name, std::make_unique<UpstreamCounters>()).first;
    found->second->name = name;
  }
  return *found->second;
}

Metrics::Metrics(std::string version)
    : version_(std::move(version)), started_(static_cast<double>(wall_milliseconds()) / 1e3) {}

WorkerMetrics& Metrics::add_worker() {
  std::scoped_lock lock(mutex_);
  return workers_.emplace_back();
}

void Metrics::configured(std::uint64_t revision, const std::string& fingerprint) {
  std::scoped_lock lock(mutex_);
  revision_ = revision;
  fingerprint_ = fingerprint;
  ++reloads_ok_;
  last_reload_ = wall_milliseconds() / 1000;
  last_reload_ok_ = true;
}

void Metrics::reload_failed() {
  std::scoped_lock lock(mutex_);
  ++reloads_failed_;
  last_reload_ok_ = false;
}

void Metrics::set_certificates(std::vector<CertificateExpiry> certificates) {
  std::scoped_lock lock(mutex_);
  certificates_ = std::move(certificates);
}

void Metrics::add_source(Source source) {
  std::scoped_lock lock(mutex_);
  sources_.push_back(std::move(source));
}

std::string Metrics::exposition() const {
  std::string text;
  PrometheusWriter out(text);
  Workers workers;
  std::vector<Source> sources;
  {
    std::scoped_lock lock(mutex_);
    for (const WorkerMetrics& worker : workers_) workers.push_back(&worker);
    sources = sources_;
    write_configuration(out);
  }
  write_connections(out, workers);
  write_routes(out, workers);
  write_policies(out, workers);
  write_reasons(out, workers);
  write_inspection(out, workers);
  write_upstreams(out, workers);
  for (const Source& source : sources) source(out);
  write_process(out);
  return text;
}

void Metrics::write_configuration(PrometheusWriter& out) const {
  out.family("sallyport_build_info", gauge, "Version of the running binary; always 1.");
  out.sample({{"version", version_}}, 1U);
  out.family("sallyport_config_info", gauge, "Fingerprint of the configuration; always 1.");
  out.sample({{"fingerprint", fingerprint_}}, 1U);
  out.single("sallyport_config_revision", gauge, "Revision of the configuration in use.",
             revision_);
  out.family("sallyport_config_reloads_total", counter,
             "Configurations that went live (the first one included) or were refused.");
  out.sample({{"outcome", "ok"}}, reloads_ok_);
  out.sample({{"outcome", "refused"}}, reloads_failed_);
  out.single("sallyport_config_last_reload_ok", gauge,
             "1 if the configuration offered last is the one in use.", last_reload_ok_ ? 1U : 0U);
  out.single("sallyport_config_last_reload_timestamp_seconds", gauge,
             "When the configuration in use went live.", last_reload_);
  out.family("sallyport_certificate_expiry_timestamp_seconds", gauge,
             "When a server certificate ceases to be valid.");
  for (const CertificateExpiry& certificate : certificates_) {
    out.sample({{"certificate", certificate.name}}, certificate.not_after);
  }
}

void Metrics::write_connections(PrometheusWriter& out, const Workers& workers) {
  auto sum = [&](auto of) {
    decltype(of(workers.front()->connections).value()) total = 0;
    for (const WorkerMetrics* worker : workers) total += of(worker->connections).value();
    return total;
  };
  using Counters = ConnectionCounters;
  auto field = [](auto member) {
    return [member](const Counters& c) -> const auto& { return c.*member; };
  };
  out.single("sallyport_workers", gauge, "Worker threads.", workers.size());
  out.single("sallyport_connections_accepted_total", counter, "Client connections accepted.",
             sum(field(&Counters::accepted)));
  out.single("sallyport_connections_open", gauge, "Client connections open now.",
             sum(field(&Counters::open)));
  out.family(
      "sallyport_connections_refused_total", counter,
      "Client connections closed before their first request, or not accepted (descriptors).");
  for (std::size_t i = 0; i < kRefusals.size(); ++i) {
    out.sample({{"cause", kRefusals[i]}},
               sum([i](const Counters& c) -> const auto& { return c.refused[i]; }));
  }
  out.family("sallyport_tls_handshakes_total", counter, "TLS handshakes with clients.");
  out.sample({{"outcome", "ok"}}, sum(field(&Counters::handshakes)));
  out.sample({{"outcome", "failed"}}, sum(field(&Counters::handshakes_failed)));
  out.single("sallyport_tls_handshakes_resumed_total", counter,
             "Completed TLS handshakes that resumed a session.",
             sum(field(&Counters::handshakes_resumed)));
  out.single("sallyport_tunnels_total", counter, "Connections upgraded to a tunnel.",
             sum(field(&Counters::tunnels)));
  out.single("sallyport_tunnels_open", gauge, "Tunnels open now.",
             sum(field(&Counters::tunnels_open)));
}

void Metrics::write_routes(PrometheusWriter& out, const Workers& workers) {
  struct Total {
    std::map<std::uint16_t, std::uint64_t> statuses;
    HistogramTotal duration;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
  };
  std::map<std::pair<std::string_view, std::string_view>, Total> totals;
  for (const WorkerMetrics* worker : workers) {
    std::scoped_lock lock(worker->mutex_);
    for (const auto& [key, counters] : worker->routes_) {
      Total& total = totals[key];
      counters->statuses.for_each(
          [&](std::uint16_t status, std::uint64_t n) { total.statuses[status] += n; });
      total.duration.add(counters->duration);
      total.bytes_in += counters->bytes_in.value();
      total.bytes_out += counters->bytes_out.value();
    }
  }
  out.family("sallyport_requests_total", counter,
             "Finished exchanges by route and status; without a route: none claimed it.");
  for (const auto& [key, total] : totals) {
    for (const auto& [status, n] : total.statuses) {
      out.sample({{"api", key.first}, {"route", key.second}, {"status", status_text(status)}}, n);
    }
  }
  out.family("sallyport_request_duration_seconds", histogram,
             "From the request's head to the response's end.");
  for (const auto& [key, total] : totals) {
    out.sample({{"api", key.first}, {"route", key.second}}, total.duration);
  }
  out.family("sallyport_received_bytes_total", counter, "Bytes of requests, heads included.");
  for (const auto& [key, total] : totals) {
    out.sample({{"api", key.first}, {"route", key.second}}, total.bytes_in);
  }
  out.family("sallyport_sent_bytes_total", counter, "Bytes of responses, heads included.");
  for (const auto& [key, total] : totals) {
    out.sample({{"api", key.first}, {"route", key.second}}, total.bytes_out);
  }
}

void Metrics::write_policies(PrometheusWriter& out, const Workers& workers) {
  struct Total {
    std::array<std::uint64_t, 3> verdicts{};
    std::uint64_t nanoseconds = 0;
  };
  std::map<std::string_view, Total> totals;
  for (const WorkerMetrics* worker : workers) {
    std::scoped_lock lock(worker->mutex_);
    for (const auto& [name, counters] : worker->policies_) {
      Total& total = totals[name];
      for (std::size_t i = 0; i < total.verdicts.size(); ++i) {
        total.verdicts[i] += counters->verdicts[i].value();
      }
      total.nanoseconds += counters->nanoseconds.value();
    }
  }
  out.family("sallyport_policy_verdicts_total", counter,
             "Verdicts by type of policy; monitored: would have stopped the exchange.");
  for (const auto& [name, total] : totals) {
    for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
      out.sample({{"policy", name}, {"outcome", kOutcomes[i]}}, total.verdicts[i]);
    }
  }
  out.family("sallyport_policy_seconds_total", counter, "Time spent in policies, waits included.");
  for (const auto& [name, total] : totals) {
    out.sample({{"policy", name}}, seconds(total.nanoseconds));
  }
}

void Metrics::write_reasons(PrometheusWriter& out, const Workers& workers) {
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> totals;
  for (const WorkerMetrics* worker : workers) {
    worker->reasons_.for_each([&](const Reason* reason, std::uint64_t n) {
      if (reason == nullptr) {
        totals[{"other", ""}] += n;
      } else {
        totals[{reason->code, kBlames[static_cast<std::size_t>(reason->blame)]}] += n;
      }
    });
  }
  out.family("sallyport_stops_total", counter, "Exchanges that ended early, by reason.");
  for (const auto& [key, n] : totals) {
    out.sample({{"reason", key.first}, {"blame", key.second}}, n);
  }
}

void Metrics::write_inspection(PrometheusWriter& out, const Workers& workers) {
  std::map<std::int64_t, std::uint64_t> rules;
  std::array<std::uint64_t, 3> outcomes{};
  std::array<std::uint64_t, 2> cut{};
  for (const WorkerMetrics* worker : workers) {
    const InspectionCounters& counters = worker->inspection_;
    counters.for_each_rule([&](std::int64_t rule, std::uint64_t n) { rules[rule] += n; });
    for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += counters.outcomes[i].value();
    for (std::size_t i = 0; i < cut.size(); ++i) cut[i] += counters.cut[i].value();
  }
  out.family("sallyport_waf_inspected_total", counter,
             "Exchanges inspected by rules; detected: some matched, and it went on.");
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    out.sample({{"outcome", kInspectionOutcomes[i]}}, outcomes[i]);
  }
  out.family("sallyport_waf_rule_matches_total", counter, "Exchanges in which a rule matched.");
  for (const auto& [rule, n] : rules) {
    out.sample({{"rule", rule == 0 ? "other" : std::to_string(rule)}}, n);
  }
  out.family("sallyport_waf_bodies_cut_total", counter,
             "Bodies that were not inspected to their end.");
  out.sample({{"direction", "request"}}, cut[0]);
  out.sample({{"direction", "response"}}, cut[1]);
  out.family("sallyport_waf_verify_total", counter,
             "Exchanges whose rules were evaluated once more in full; disagreed: an alarm.");
  for (std::size_t i = 0; i < kInspectionChecks.size(); ++i) {
    out.sample({{"result", kInspectionChecks[i]}},
               InspectionChecks::of_process().count_of(static_cast<InspectionCheck>(i)));
  }
  out.family("sallyport_authorize_shadow_total", counter,
             "Requests that candidate rules decided beside the real ones, by how they differed.");
  for (std::size_t i = 0; i < kShadowDecisions.size(); ++i) {
    out.sample({{"result", kShadowDecisions[i]}},
               ShadowDecisions::of_process().count_of(static_cast<ShadowDecision>(i)));
  }
  out.family(
      "sallyport_audit_lines_lost_total", counter,
      "Lines that an audit log should hold and does not: too many at once, or not writable.");
  out.sample({}, AuditLines::of_process().lost());
}

void Metrics::write_upstreams(PrometheusWriter& out, const Workers& workers) {
  struct Total {
    std::uint64_t connects = 0;
    std::uint64_t reused = 0;
    std::uint64_t retries = 0;
    std::uint64_t failures = 0;
    HistogramTotal duration;
  };
  std::map<std::string_view, Total> totals;
  for (const WorkerMetrics* worker : workers) {
    std::scoped_lock lock(worker->mutex_);
    for (const auto& [name, counters] : worker->upstreams_) {
      Total& total = totals[name];
      total.connects += counters->connects.value();
      total.reused += counters->reused.value();
      total.retries += counters->retries.value();
      total.failures += counters->failures.value();
      total.duration.add(counters->duration);
    }
  }
  out.family("sallyport_upstream_requests_total", counter,
             "Exchanges sent to an upstream, on a new connection or a kept one.");
  for (const auto& [name, total] : totals) {
    out.sample({{"upstream", name}, {"connection", "new"}}, total.connects);
    out.sample({{"upstream", name}, {"connection", "reused"}}, total.reused);
  }
  out.family("sallyport_upstream_retries_total", counter, "Requests sent again.");
  for (const auto& [name, total] : totals) out.sample({{"upstream", name}}, total.retries);
  out.family("sallyport_upstream_failures_total", counter,
             "Exchanges that ended early with the upstream to blame.");
  for (const auto& [name, total] : totals) out.sample({{"upstream", name}}, total.failures);
  out.family("sallyport_upstream_duration_seconds", histogram,
             "From asking the upstream to the end of its response.");
  for (const auto& [name, total] : totals) out.sample({{"upstream", name}}, total.duration);
}

void Metrics::write_process(PrometheusWriter& out) const {
  out.single("process_start_time_seconds", gauge, "When the process started, Unix time.", started_);
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    out.single("process_cpu_seconds_total", counter, "User and system CPU time.",
               seconds(usage.ru_utime) + seconds(usage.ru_stime));
  }
  std::ifstream statm("/proc/self/statm");
  std::uint64_t virtual_pages = 0;
  std::uint64_t resident_pages = 0;
  if (statm >> virtual_pages >> resident_pages) {
    auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    out.single("process_virtual_memory_bytes", gauge, "Virtual memory.", virtual_pages * page);
    out.single("process_resident_memory_bytes", gauge, "Resident memory.", resident_pages * page);
  }
  std::error_code error;
  std::filesystem::directory_iterator descriptors("/proc/self/fd", error);
  if (!error) {
    auto open = std::distance(begin(descriptors), end(descriptors));
    out.single("process_open_fds", gauge, "Open file descriptors.", open - 1);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    out.single("process_max_fds", gauge, "Limit of open file descriptors.", limit.rlim_cur);
  }
}

}  // namespace sallyport::telemetry
