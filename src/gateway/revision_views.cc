// See revision_views.h.
#include "gateway/revision_views.h"

#include <utility>

#include "async/in_background.h"
#include "config/redact.h"
#include "gateway/config_changes.h"
#include "gateway/text_diff.h"

namespace sallyport::gateway {
namespace {

constexpr std::size_t kMostChanges = 1000;

std::string name_of(const store::ConfigRevision& revision) {
  return "revision " + std::to_string(revision.number);
}

RevisionComparison comparison_of(const KeptRevision& before, const KeptRevision& after) {
  return {.before = before.revision,
          .after = after.revision,
          .changes = config_changes(config::redacted_json(*before.text),
                                    config::redacted_json(*after.text), kMostChanges),
          .diff = unified_diff(without_comments(*before.text), without_comments(*after.text),
                               name_of(before.revision), name_of(after.revision))};
}

}  // namespace

Task<store::Outcome<RevisionView>> view_of(Revisions& revisions, async::Background& background,
                                           std::int64_t number) {
  auto finding = revisions.find(number);
  store::Outcome<KeptRevision> kept = co_await finding;
  if (!kept) co_return store::fail(kept);
  std::move_only_function<std::string()> work = [text = kept->text] {
    return config::redacted_json(*text);
  };
  auto redacting = async::in_background(background, std::move(work));
  std::string json = co_await redacting;
  co_return RevisionView{.kept = std::move(*kept), .json = std::move(json)};
}

Task<store::Outcome<RevisionComparison>> compare(Revisions& revisions,
                                                 async::Background& background, std::int64_t before,
                                                 std::int64_t after) {
  auto finding_before = revisions.find(before);
  store::Outcome<KeptRevision> first = co_await finding_before;
  if (!first) co_return store::fail(first);
  auto finding_after = revisions.find(after);
  store::Outcome<KeptRevision> second = co_await finding_after;
  if (!second) co_return store::fail(second);
  std::move_only_function<RevisionComparison()> work = [before = std::move(*first),
                                                        after = std::move(*second)] {
    return comparison_of(before, after);
  };
  auto comparing = async::in_background(background, std::move(work));
  co_return co_await comparing;
}

}  // namespace sallyport::gateway
