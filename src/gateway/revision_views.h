// Former configurations as people may see them: without secrets, and without comments.
#pragma once

#include <cstdint>
#include <string>

#include "async/background.h"
#include "async/task.h"
#include "gateway/revisions.h"

namespace sallyport::gateway {

struct RevisionView {
  KeptRevision kept;
  std::string json;  // the configuration with its defaults, references in place of secrets
};

struct RevisionComparison {
  store::ConfigRevision before;
  store::ConfigRevision after;
  std::string changes;  // see config_changes
  std::string diff;     // of the texts without comments; empty: none beside comments
};

// The work is done on `background`. For the controlling thread; both must outlive the task.
[[nodiscard]] Task<store::Outcome<RevisionView>> view_of(Revisions& revisions,
                                                         async::Background& background,
                                                         std::int64_t number);
[[nodiscard]] Task<store::Outcome<RevisionComparison>> compare(Revisions& revisions,
                                                               async::Background& background,
                                                               std::int64_t before,
                                                               std::int64_t after);

}  // namespace sallyport::gateway
