// See audit_trail.h.
#include "store/audit/audit_trail.h"

#include <utility>

#include "base/clock.h"
#include "base/report.h"

namespace sallyport::store {
namespace {

// What a line holds beside its texts, and more.
constexpr std::size_t kFrame = 512;
// The worst that escaping does to a byte.
constexpr std::size_t kEscaped = 6;

std::size_t longest_line(const AuditEvent& event) {
  return kFrame + kEscaped * (event.actor.size() + event.action.size() + event.object.size() +
                              event.detail.size());
}

}  // namespace

AuditTrail::AuditTrail(Options options, AuditSigner signer)
    : options_(std::move(options)), signer_(std::move(signer)), file_(options_.path) {}

Outcome<std::unique_ptr<AuditTrail>> AuditTrail::open(Options options, AuditSigner signer) {
  std::unique_ptr<AuditTrail> trail(  // private
      new AuditTrail(std::move(options), std::move(signer)));
  auto begun = trail->file_.begin();
  if (!begun) return fail(begun);
  auto written = trail->write_lines({}, true);
  trail->file_.end();
  if (!written) return fail(written);
  trail->thread_ = std::thread([&trail = *trail] { trail.loop(); });
  return trail;
}

AuditTrail::~AuditTrail() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void AuditTrail::append(AuditEvent event, Done done) {
  if (longest_line(event) > kLongestLine) {
    done(fail(ErrorKind::invalid, "the event " + event.action + " is too long to be recorded"));
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() < kMostWaiting) {
      queue_.push_back(
          {.event = std::move(event), .time = wall_milliseconds(), .done = std::move(done)});
      done = nullptr;
    }
  }
  if (done) {
    done(fail(ErrorKind::unavailable, "too many events wait to be recorded"));
    return;
  }
  wake_.notify_one();
}

std::future<Outcome<std::uint64_t>> AuditTrail::append(AuditEvent event) {
  auto promise = std::make_shared<std::promise<Outcome<std::uint64_t>>>();
  auto future = promise->get_future();
  append(std::move(event),
         [promise](Outcome<std::uint64_t> seq) { promise->set_value(std::move(seq)); });
  return future;
}

AuditHealth AuditTrail::health() const {
  const std::scoped_lock lock(mutex_);
  return health_;
}

void AuditTrail::loop() {
  for (bool stopped = false; !stopped;) {
    std::deque<Waiting> batch;
    {
      std::unique_lock lock(mutex_);
      const auto something = [this] { return stopping_ || !queue_.empty(); };
      if (head_due_ == Clock::time_point::max()) {
        wake_.wait(lock, something);
      } else {
        wake_.wait_until(lock, head_due_, something);
      }
      batch.swap(queue_);
      stopped = stopping_;
    }
    write(std::move(batch), stopped);
  }
}

void AuditTrail::write(std::deque<Waiting> batch, bool sign_now) {
  auto begun = file_.begin();
  auto first = begun ? write_lines(batch, sign_now) : fail(begun);
  if (!first) {
    head_due_ = Clock::now() + options_.head_interval;  // and no sooner, for the disk is in trouble
    note(fail(first.error().kind, first.error().text));
  } else if (file_.size() > options_.rotate_at) {
    note(file_.rotate());
  }
  if (begun) file_.end();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].done(first ? Outcome<std::uint64_t>(*first + i) : first);
  }
}

Outcome<std::uint64_t> AuditTrail::write_lines(const std::deque<Waiting>& batch, bool sign_now) {
  const std::int64_t now = wall_milliseconds();
  ChainEnd end = file_.chain();
  std::uint64_t events = unsigned_ + batch.size();
  std::string lines;
  if (file_.incident()) {
    append_event(lines, end, now, *file_.incident());
    ++events;
  }
  const std::uint64_t first = end.seq + 1;
  for (const Waiting& waiting : batch) append_event(lines, end, waiting.time, waiting.event);
  // A file that is closed ends with a head.
  const bool due = sign_now || events >= options_.head_every || Clock::now() >= head_due_ ||
                   file_.size() + lines.size() > options_.rotate_at;
  std::string head;
  if (due && (events > 0 || !file_.ends_with_head())) append_head(head, end, now, signer_);
  if (lines.empty() && head.empty()) {
    wrote(events, head);
    return first;
  }
  auto appended = file_.append(lines + head, end, !head.empty());
  if (!appended) return fail(appended);
  wrote(events, head);
  return first;
}

void AuditTrail::wrote(std::uint64_t events, const std::string& head) {
  unsigned_ = head.empty() ? events : 0;
  if (unsigned_ == 0) {
    head_due_ = Clock::time_point::max();
  } else if (head_due_ == Clock::time_point::max()) {
    head_due_ = Clock::now() + options_.head_interval;
  }
  note(head.empty() ? Outcome<void>() : file_.write_anchor(head));
  const std::scoped_lock lock(mutex_);
  health_.seq = file_.chain().seq;
  if (!head.empty()) health_.head = health_.seq;
}

void AuditTrail::note(const Outcome<void>& outcome) {
  std::string text;
  {
    const std::scoped_lock lock(mutex_);
    if (!outcome) health_.error = outcome.error().text;
    if (outcome.has_value() == health_.up) return;
    health_.up = outcome.has_value();
    text = health_.error;
  }
  if (outcome) {
    report(Severity::info, "the audit trail is written again");
  } else {
    report(Severity::error, "the audit trail is not written: " + text);
  }
}

}  // namespace sallyport::store
