#include "policies/waf/verdict.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "base/text.h"

namespace sallyport::policies::waf_detail {
namespace {

// Reasons are constants, so there is one for each status a rule may name; all are one code.
template <std::uint16_t first, std::size_t count>
constexpr std::array<Reason, count> with_statuses(const Reason& like) {
  std::array<Reason, count> reasons{};
  for (std::size_t i = 0; i < count; ++i) {
    reasons[i] = like;
    reasons[i].status = static_cast<std::uint16_t>(first + i);
  }
  return reasons;
}
constexpr auto kBlockedWith = with_statuses<400, 200>(kBlocked);
constexpr auto kResponseBlockedWith = with_statuses<400, 200>(kResponseBlocked);
constexpr auto kRedirectedWith = with_statuses<300, 100>(kRedirected);

constexpr std::size_t kMostNamed = 10;

std::uint32_t score(const seclang::Transaction& transaction,
                    std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    std::string_view text = transaction.tx(name);
    if (text.empty()) continue;
    std::uint64_t value = text::to_number(text).value_or(0);
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(value, kMost));
  }
  return 0;
}

}  // namespace

const Reason& reason_of(const seclang::Intervention& intervention, bool response) {
  auto status = static_cast<std::size_t>(std::max(intervention.status, 0));
  if (!intervention.redirect.empty() && status >= 300 && status < 400) {
    return status == kRedirected.status ? kRedirected : kRedirectedWith[status - 300];
  }
  const Reason& usual = response ? kResponseBlocked : kBlocked;
  if (status < 400 || status >= 600 || status == usual.status) return usual;
  return (response ? kResponseBlockedWith : kBlockedWith)[status - 400];
}

std::string detail_of(const seclang::Transaction& transaction) {
  std::string text;
  std::size_t named = 0;
  for (const seclang::Match& match : transaction.matches()) {
    if (++named > kMostNamed) {
      text += ", ...";
      break;
    }
    if (!text.empty()) text += ", ";
    text += std::to_string(match.rule->id);
    if (!match.variable.empty()) text.append(1, ' ').append(match.variable);
  }
  std::uint32_t in = inbound_score(transaction);
  std::uint32_t out = outbound_score(transaction);
  if (in != 0) text += "; score " + std::to_string(in);
  if (out != 0) text += "; outbound score " + std::to_string(out);
  if (text.empty() && transaction.intervention()) text = transaction.intervention()->reason;
  return text;
}

std::uint32_t inbound_score(const seclang::Transaction& transaction) {
  return score(transaction, {"blocking_inbound_anomaly_score", "anomaly_score"});
}

std::uint32_t outbound_score(const seclang::Transaction& transaction) {
  return score(transaction, {"blocking_outbound_anomaly_score", "outbound_anomaly_score"});
}

}  // namespace sallyport::policies::waf_detail
