#include "policies/waf/verifier.h"

#include <pthread.h>
#include <sys/resource.h>

#include <charconv>
#include <utility>

#include "async/digest.h"
#include "base/clock.h"

namespace sallyport::policies::waf_detail {
namespace {

// Behind the workers wherever both want the processor.
constexpr int kNiceness = 10;

std::string text_of(const seclang::Outcome& outcome) {
  std::string text;
  for (std::int64_t rule : outcome.rules) text += (text.empty() ? "" : " ") + std::to_string(rule);
  if (text.empty()) text = "none";
  if (outcome.end) text += ", status " + std::to_string(outcome.end->status);
  return text;
}

}  // namespace

bool Share::contains(std::string_view request_id) const {
  std::uint32_t number = 0;
  constexpr std::size_t kDigits = 8;
  if (request_id.size() < kDigits) return false;
  const char* end = request_id.data() + kDigits;
  return std::from_chars(request_id.data(), end, number, 16).ptr == end && number < below_;
}

Checked check(const Judged& judged) {
  const seclang::Outcome plain = seclang::replay(judged.request, *judged.plan->rules);
  if (plain == judged.outcome) return {};
  if (plain.gave_up || judged.outcome.gave_up) {
    return {.result = InspectionCheck::unrepeatable,
            .message = "waf: request " + judged.request.unique_id +
                       " cost more than rules may take, and its verdicts differ by where they gave "
                       "up: an attack on the gateway, or rules that are too slow"};
  }
  const std::string rules = "request " + judged.request.unique_id + " matched rules [" +
                            text_of(judged.outcome) + "], and rules [" + text_of(plain) +
                            "] when each one was evaluated as written";
  // Only what differs with the same collections, at the same time, is the plan's fault.
  if (seclang::replay(judged.request, *judged.plan) != plain) {
    return {.result = InspectionCheck::disagreed,
            .message = "waf: " + rules +
                       "; the plan of the rules is wrong, and attacks may pass: please report this "
                       "with the version of the rules"};
  }
  return {.result = InspectionCheck::unrepeatable,
          .message = "waf: " + rules +
                     "; a second time both agree: if no rule asks for the time or for collections "
                     "that other requests change, please report this"};
}

Verifier& Verifier::of_process() {
  static Verifier verifier(InspectionChecks::of_process());
  return verifier;
}

Verifier::Verifier(InspectionChecks& checks) : checks_(checks) {
  // Rules hash: what OpenSSL sets up before this is taken down behind it.
  (void)async::sha256({});
  thread_.run([] {
    pthread_setname_np(pthread_self(), "sallyport-check");
    (void)setpriority(PRIO_PROCESS, 0, kNiceness);  // of this thread alone, on Linux
  });
}

void Verifier::take(std::shared_ptr<const void> owner, const seclang::Plan& plan,
                    seclang::Transaction& transaction) {
  if (transaction.recording_size() > kMostBytes) {
    return checks_.count(InspectionCheck::dropped);
  }
  if (waiting_.fetch_add(1) >= kMostWaiting) {
    waiting_.fetch_sub(1);
    return checks_.count(InspectionCheck::dropped);
  }
  thread_.run([this, judged = Judged{.owner = std::move(owner),
                                     .plan = &plan,
                                     .request = transaction.recording(),
                                     .outcome = seclang::outcome_of(transaction)}] {
    try {
      evaluate(judged);
    } catch (const std::exception&) {  // no memory: the verdict stands, unchecked
      checks_.count(InspectionCheck::dropped);
    }
    waiting_.fetch_sub(1);
  });
}

void Verifier::evaluate(const Judged& judged) {
  const Checked checked = check(judged);
  checks_.count(checked.result, judged.request.unique_id);
  const auto now = static_cast<std::uint64_t>(wall_milliseconds());
  if (checked.result == InspectionCheck::disagreed) {
    disagreements_(now, Severity::error, checked.message);
  } else if (checked.result == InspectionCheck::unrepeatable) {
    others_(now, Severity::warning, checked.message);
  }
}

}  // namespace sallyport::policies::waf_detail
