// See revisions.h.
#include "gateway/revisions.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <expected>
#include <filesystem>
#include <ranges>
#include <utility>

#include "base/report.h"
#include "base/text.h"
#include "store/in_store.h"

namespace sallyport::gateway {
namespace {

using store::ConfigRevision;
using store::Outcome;

// Where there is no store, or it takes nothing.
constexpr store::RevisionBounds kInMemory;

// Gateways that share a database are told apart by machine and file.
std::string node_of(const std::string& file) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(file, error);
  return text::percent_encoded(host.data()) + ":" +
         text::percent_encoded(error ? file : path.lexically_normal().string(), "/");
}

std::unexpected<store::Error> none(std::int64_t number) {
  return store::fail(store::ErrorKind::not_found,
                     "there is no revision " + std::to_string(number) + " (any more)");
}

}  // namespace

Revisions::Revisions(async::Reactor& reactor, store::Store* store, const std::string& file)
    : reactor_(reactor), store_(store), node_(node_of(file)) {}

std::int64_t Revisions::first_number(std::string_view text) {
  if (store_ == nullptr) return 1;
  auto number = store_
                    ->run([node = node_, text](store::Session& session) -> Outcome<std::int64_t> {
                      auto newest = session.config_revisions.newest(node);
                      if (!newest) return store::fail(newest);
                      if (!*newest) return 1;
                      auto known = session.config_revisions.text(node, (*newest)->number);
                      const bool same = known && known->view() == text;
                      return (*newest)->number + (same ? 0 : 1);
                    })
                    .get();
  if (number) return *number;
  report(Severity::warning,
         "revisions of the configuration begin at 1 again: what was kept cannot "
         "be read: " +
             number.error().text);
  return 1;
}

void Revisions::keep(ConfigRevision revision, std::shared_ptr<const std::string> text) {
  revision.node = node_;
  revision.size = static_cast<std::int64_t>(text->size());
  unsaved_.push_back({.revision = std::move(revision), .text = std::move(text)});
  trim_memory();
  save_oldest();
}

void Revisions::trim_memory() {
  std::int64_t bytes = 0;
  for (const KeptRevision& each : unsaved_) bytes += each.revision.size;
  const auto oldest = unsaved_.begin() + (saving_ ? 1 : 0);
  auto past = oldest;  // never the newest, which is in force
  while (unsaved_.end() - past > 1 &&
         (static_cast<std::size_t>(unsaved_.end() - past) > kInMemory.revisions ||
          bytes > kInMemory.bytes)) {
    bytes -= past->revision.size;
    ++past;
  }
  unsaved_.erase(oldest, past);
}

void Revisions::when_settled(std::function<void()> done) {
  if (!saving_) return done();
  waiting_.push_back(std::move(done));
}

void Revisions::retry() { save_oldest(); }

void Revisions::save_oldest() {
  if (store_ == nullptr || saving_ || unsaved_.empty()) return;
  saving_ = true;
  store_->run(
      [kept = unsaved_.front()](store::Session& session) {
        return session.config_revisions.add(kept.revision, *kept.text);
      },
      [self = weak_from_this(), lifeline = reactor_.lifeline()](Outcome<ConfigRevision> outcome) {
        lifeline->post([self, outcome = std::move(outcome)] {
          if (auto here = self.lock()) here->saved(outcome);
        });
      });
}

void Revisions::saved(const Outcome<ConfigRevision>& outcome) {
  saving_ = false;
  if (outcome) {
    const std::int64_t wanted = unsaved_.front().revision.number;
    unsaved_.pop_front();
    if (outcome->number != wanted) {
      report(Severity::warning, "revision " + std::to_string(wanted) +
                                    " of the configuration is kept as " +
                                    std::to_string(outcome->number) +
                                    ", for another process of this node has used the number");
    }
    if (std::exchange(failing_, false)) {
      report(Severity::info, "revisions of the configuration are kept again");
    }
    save_oldest();
  } else if (!std::exchange(failing_, true)) {
    report(Severity::error,
           "the revision in force is kept in memory only, until the store takes it: " +
               outcome.error().text);
  }
  if (saving_) return;
  for (const auto& done : std::exchange(waiting_, {})) done();
}

const KeptRevision* Revisions::in_memory(std::int64_t number) const {
  auto found = std::ranges::find_if(
      unsaved_, [number](const KeptRevision& each) { return each.revision.number == number; });
  return found == unsaved_.end() ? nullptr : &*found;
}

Task<Outcome<std::vector<ConfigRevision>>> Revisions::list() {
  const std::shared_ptr<Revisions> self = shared_from_this();
  std::vector<ConfigRevision> all;
  if (store_ != nullptr) {
    auto work = [node = node_](store::Session& session) {
      return session.config_revisions.list(node);
    };
    auto listing = store::in_store(*store_, std::move(work));
    auto listed = co_await listing;
    if (!listed) co_return listed;
    all = std::move(*listed);
  }
  for (const KeptRevision& each : unsaved_) {
    // One of that number was saved while the list was on its way here.
    if (!all.empty() && each.revision.number <= all.front().number) continue;
    all.insert(all.begin(), each.revision);
  }
  co_return all;
}

Task<Outcome<KeptRevision>> Revisions::find(std::int64_t number) {
  if (const KeptRevision* here = in_memory(number); here != nullptr) co_return *here;
  if (store_ == nullptr) co_return none(number);
  // A text that does not open is no trouble of the database, which would be opened anew.
  using Found = std::expected<KeptRevision, store::Error>;
  auto work = [node = node_, number](store::Session& session) -> Outcome<Found> {
    auto revision = session.config_revisions.get(node, number);
    if (!revision) return store::fail(revision);
    auto text = session.config_revisions.text(node, number);
    if (!text) return Found(std::unexpect, std::move(text.error()));
    return Found(KeptRevision{.revision = std::move(*revision),
                              .text = std::make_shared<const std::string>(text->view())});
  };
  auto finding = store::in_store(*store_, std::move(work));
  Outcome<Found> found = co_await finding;
  if (!found) co_return store::fail(found);
  co_return std::move(*found);
}

}  // namespace sallyport::gateway
