// Where workers find the view of callers that holds now.
//
// A reader compares one number and goes on with the view that its thread keeps: no lock, no shared
// count. Only after a change does each thread fetch the new view, once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "store/view/caller_view.h"

namespace sallyport::store {

class CallerDirectory {
 public:
  explicit CallerDirectory(std::shared_ptr<const CallerView> first) { publish(std::move(first)); }
  CallerDirectory(const CallerDirectory&) = delete;
  CallerDirectory& operator=(const CallerDirectory&) = delete;

  // Any thread. The reference is good until this thread asks for a view again: whoever keeps what
  // the view points to for longer (across an await, say) keeps a copy of the pointer, whose count
  // is this thread's own.
  [[nodiscard]] const std::shared_ptr<const CallerView>& view() const {
    Local& local = local_;
    if (local.version != version_.load(std::memory_order_acquire)) [[unlikely]] {
      fetch(local);
    }
    return local.view;
  }

  // Any thread. When it returns, every view() that begins afterwards finds this one.
  void publish(std::shared_ptr<const CallerView> view);

 private:
  struct Local {
    std::uint64_t version;
    std::shared_ptr<const CallerView> view;
  };
  void fetch(Local& local) const;

  // Of the directory that this thread asked last; versions are unique among directories.
  static thread_local inline Local local_{.version = 0, .view = nullptr};
  std::atomic<std::uint64_t> version_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<const CallerView> view_;
};

}  // namespace sallyport::store
