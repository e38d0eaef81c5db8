// Former configurations: kept once they are in force, and brought back. A roll back changes nothing
// before all that can go wrong has been tried: the revision is loaded, its text is on the disk
// beside the file, the audit trail has taken the event. Then it comes into force, then the file
// becomes it: whatever ends the process in between leaves a whole file, the former one or the new.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "async/in_background.h"
#include "base/clock.h"
#include "base/report.h"
#include "gateway/replace_file.h"
#include "gateway/server.h"
#include "store/audit/in_trail.h"

namespace sallyport::gateway {
namespace {

// Roll backs, while something is loaded.
constexpr std::size_t kMostWaiting = 8;

struct Prepared {
  RollBackFault fault = RollBackFault::none;
  std::string text;
  std::optional<Replacement> replacement;
};

std::string by_hand(std::int64_t number, const std::string& file) {
  const std::string revision = std::to_string(number);
  return " By hand: `sallyport config show " + revision + " > revision-" + revision +
         ".yaml`, then put that in the place of " + file + ".";
}

// Looks at the file as it is now, and lays the text beside it.
Prepared prepare(const std::string& file, std::int64_t number, const std::string& text,
                 const std::string* expected) {
  std::error_code error;
  std::ifstream stream;
  // A pipe would be waited for, and every reload with it.
  if (std::filesystem::is_regular_file(file, error)) stream.open(file, std::ios::binary);
  const std::string now{std::istreambuf_iterator<char>(stream), {}};
  if (expected != nullptr && (!stream.is_open() || now != *expected)) {
    return {.fault = RollBackFault::file_differs,
            .text = file +
                    " was changed, and that is not in force: put it in order or reload, or "
                    "ask again with `force`, which keeps it as " +
                    file + ".replaced.",
            .replacement = {}};
  }
  auto replacement = Replacement::prepare(file, text);
  if (!replacement) {
    return {.fault = RollBackFault::not_writable,
            .text = replacement.error() + "." + by_hand(number, file),
            .replacement = {}};
  }
  return {.text = {}, .replacement = std::move(*replacement)};
}

// Waits for Server::load_aside.
struct Loading {
  std::move_only_function<void(std::move_only_function<void(config::LoadResult&)>)> begin;
  std::optional<config::LoadResult> result;

  static bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    begin([this, waiter](config::LoadResult& loaded) {
      result = std::move(loaded);
      waiter.resume();
    });
  }
  config::LoadResult await_resume() { return std::move(*result); }
};

RollBackOutcome fault(RollBackFault kind, std::string text) {
  return {.fault = kind, .text = std::move(text), .load = {}};
}

}  // namespace

void Server::keep_revision(const config::LoadResult& result, const Cause& cause) {
  if (live_text_ != nullptr && *live_text_ == result.text) return;
  live_text_ = std::make_shared<const std::string>(result.text);
  revisions_->keep({.number = static_cast<std::int64_t>(live_->revision),
                    .loaded = wall_milliseconds(),
                    .actor = cause.actor,
                    .why = cause.why,
                    .file = live_->file,
                    .fingerprint = live_->fingerprint,
                    .warnings = static_cast<std::int64_t>(result.diagnostics.warnings())},
                   live_text_);
}

void Server::roll_back(std::int64_t revision, bool force, const Cause& cause,
                       std::function<void(const RollBackOutcome&)> done) {
  if (draining_ || roll_backs_.size() == kMostWaiting) {
    return done(fault(RollBackFault::busy, draining_ ? "The gateway is stopping."
                                                     : "Others wait to roll back already."));
  }
  roll_backs_.emplace_back([this, revision, force, cause, done = std::move(done)]() mutable {
    roll_back_aside(revision, force, std::move(cause), std::move(done));
  });
  if (!reloading_) end_loading();
}

async::Detached Server::roll_back_aside(std::int64_t revision, bool force, Cause cause,
                                        std::function<void(const RollBackOutcome&)> done) {
  reloading_ = true;
  rolling_back_ = true;
  Task<RollBackOutcome> bringing = bring_back(revision, force, std::move(cause));
  RollBackOutcome outcome = co_await bringing;
  outcome.load.revision = live_->revision;
  once_installed([outcome = std::move(outcome), done = std::move(done)] { done(outcome); });
  rolling_back_ = false;
  end_loading();
}

Task<RollBackOutcome> Server::bring_back(std::int64_t revision, bool force, Cause cause) {
  cause.why = "roll back to revision " + std::to_string(revision);
  auto finding = revisions_->find(revision);
  const store::Outcome<KeptRevision> kept = co_await finding;
  if (!kept) {
    const bool unknown = kept.error().kind == store::ErrorKind::not_found;
    co_return fault(unknown ? RollBackFault::no_such_revision : RollBackFault::store_unavailable,
                    kept.error().text);
  }
  const std::shared_ptr<const std::string> text = kept->text;

  Loading loading{.begin =
                      [this, text](auto done) {
                        load_aside(
                            [this, text](const config::LoadOptions& options) {
                              return config::load_text(*text, options_.config, options);
                            },
                            std::move(done));
                      },
                  .result = {}};
  config::LoadResult result = co_await loading;
  RollBackOutcome outcome;
  outcome.load.diagnostics = result.diagnostics;
  if (result.snapshot == nullptr) {
    (void)take(result, cause, outcome.load.error);
    outcome.fault = RollBackFault::refused;
    co_return outcome;
  }

  std::move_only_function<Prepared()> look = [file = options_.config, revision, text,
                                              expected = force ? nullptr : live_text_] {
    return prepare(file, revision, *text, expected.get());
  };
  auto looking = async::in_background(background_, std::move(look));
  Prepared prepared = co_await looking;
  if (prepared.fault != RollBackFault::none) {
    co_return fault(prepared.fault, std::move(prepared.text));
  }
  if (state_ != nullptr) {
    auto recording = store::in_trail(state_->audit(), rolling_back(cause, revision, force));
    const store::Outcome<std::uint64_t> recorded = co_await recording;
    if (!recorded) co_return fault(RollBackFault::audit_unavailable, recorded.error().text);
  }
  outcome.load.ok = take(result, cause, outcome.load.error);
  if (!outcome.load.ok) {
    outcome.fault = RollBackFault::refused;
    co_return outcome;
  }
  using Published = std::expected<void, std::string>;
  std::move_only_function<Published()> publish =
      [replacement = std::move(*prepared.replacement)]() mutable { return replacement.publish(); };
  auto publishing = async::in_background(background_, std::move(publish));
  const Published published = co_await publishing;
  if (!published) {
    outcome.fault = RollBackFault::not_written;
    outcome.text = published.error() + "." + by_hand(revision, options_.config);
    report(Severity::error,
           cause.why + ": it is in force, but the next start would not have it: " + outcome.text);
  }
  co_return outcome;
}

}  // namespace sallyport::gateway
