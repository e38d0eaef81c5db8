// The configurations that were in force on this node, with their texts as the operator wrote them:
// sealed in the store, or in memory as long as the process runs where there is none.
//
// For the controlling thread. A text is not for output: see revision_views.h.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/reactor.h"
#include "async/task.h"
#include "store/store.h"

namespace sallyport::gateway {

struct KeptRevision {
  store::ConfigRevision revision;
  std::shared_ptr<const std::string> text;
};

class Revisions : public std::enable_shared_from_this<Revisions> {
 public:
  // `file` is the configuration's. `store` may be null, and must outlive every use.
  Revisions(async::Reactor& reactor, store::Store* store, const std::string& file);

  // Once, before anything is served: waits for the store. The newest revision's number if its text
  // is this one, the next one otherwise.
  [[nodiscard]] std::int64_t first_number(std::string_view text);

  // Keeps what has come into force. While the store does not take it, it stays in memory and is
  // tried again by retry().
  void keep(store::ConfigRevision revision, std::shared_ptr<const std::string> text);
  // Calls `done`, perhaps at once, when nothing is on its way to the store.
  void when_settled(std::function<void()> done);
  void retry();

  // Newest first.
  [[nodiscard]] Task<store::Outcome<std::vector<store::ConfigRevision>>> list();
  [[nodiscard]] Task<store::Outcome<KeptRevision>> find(std::int64_t number);

 private:
  void trim_memory();
  void save_oldest();
  void saved(const store::Outcome<store::ConfigRevision>& outcome);
  [[nodiscard]] const KeptRevision* in_memory(std::int64_t number) const;

  async::Reactor& reactor_;
  store::Store* const store_;
  const std::string node_;
  std::deque<KeptRevision> unsaved_;  // oldest first
  std::vector<std::function<void()>> waiting_;
  bool saving_ = false;
  bool failing_ = false;
};

}  // namespace sallyport::gateway
