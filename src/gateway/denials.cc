// See denials.h.
#include "gateway/denials.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/report.h"
#include "policy/exchange.h"
#include "policy/route.h"

namespace sallyport::gateway {
namespace {

constexpr std::size_t kLongestPath = 1024;

std::string actor_of(const Exchange& x) {
  if (!x.identity) return "client/" + std::string(x.client.text);
  if (!x.identity->consumer.empty()) return "consumer/" + std::string(x.identity->consumer);
  return "subject/" + std::string(x.identity->subject);
}

std::string detail_of(const Exchange& x, std::uint64_t unrecorded) {
  std::string detail;
  JsonWriter json(detail);
  json.begin_object()
      .string("code", x.reason->code)
      .number("status", x.reason->status)
      .string("why", x.detail)
      .string("from", x.client.text)
      .string("method", x.request.method)
      .string("path", std::string_view(x.request.path).substr(0, kLongestPath))
      .string("request_id", x.request_id_text());
  if (x.identity && !x.identity->issuer.empty()) json.string("issuer", x.identity->issuer);
  if (unrecorded > 0) json.number("unrecorded_before", unrecorded);
  json.end_object();
  return detail;
}

}  // namespace

bool Denials::has_room(std::int64_t second) {
  const std::uint64_t now = static_cast<std::uint64_t>(second) << 32;
  std::uint64_t before = recorded_.load(std::memory_order_relaxed);
  for (;;) {
    const bool same = (before & ~std::uint64_t{0xFFFFFFFF}) == now;
    if (same && (before & 0xFFFFFFFF) >= kMostPerSecond) return false;
    if (recorded_.compare_exchange_weak(before, same ? before + 1 : now + 1,
                                        std::memory_order_relaxed)) {
      return true;
    }
  }
}

void Denials::note(const Exchange& x) { note_at(x, steady_milliseconds() / 1000); }

void Denials::note_at(const Exchange& x, std::int64_t second) {
  if (x.reason == nullptr || (x.reason->status != 401 && x.reason->status != 403)) return;
  if (!has_room(second)) {
    unrecorded_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const std::uint64_t unrecorded = unrecorded_.exchange(0, std::memory_order_relaxed);
  store::AuditEvent event{.actor = actor_of(x),
                          .action = "request.deny",
                          .object = x.route != nullptr ? "api/" + x.route->api : "gateway",
                          .detail = detail_of(x, unrecorded)};
  trail_.append(std::move(event), [this](const store::Outcome<std::uint64_t>& written) {
    // Once: while the disk is full it would be said of every request.
    if (failing_.exchange(!written, std::memory_order_relaxed) || written) return;
    report(Severity::error,
           "refused requests are missing from the audit trail: " + written.error().text);
  });
}

}  // namespace sallyport::gateway
