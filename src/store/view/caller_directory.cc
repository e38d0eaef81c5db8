// See caller_directory.h.
#include "store/view/caller_directory.h"

#include <utility>

namespace sallyport::store {
namespace {

std::uint64_t next_version() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

void CallerDirectory::publish(std::shared_ptr<const CallerView> view) {
  {
    const std::scoped_lock lock(mutex_);
    view_.swap(view);
    version_.store(next_version(), std::memory_order_release);
  }
  // The former view, if nobody else has it, is freed here, outside the lock.
}

void CallerDirectory::fetch(Local& local) const {
  std::shared_ptr<const CallerView> view;
  std::uint64_t version = 0;
  {
    const std::scoped_lock lock(mutex_);
    view = view_;
    version = version_.load(std::memory_order_relaxed);
  }
  // Copies of a pointer that all threads share would all count in one place, which then travels
  // between processors. Each thread gets a count of its own, around the shared one.
  auto own = std::make_shared<std::shared_ptr<const CallerView>>(std::move(view));
  local.view = std::shared_ptr<const CallerView>(own, own->get());
  local.version = version;
}

}  // namespace sallyport::store
