#include "async/timer.h"

#include <algorithm>

namespace sallyport::async {

TimerList::TimerList(std::chrono::milliseconds duration, const std::uint64_t& now)
    : duration_(duration), now_(now), head_(nullptr) {
  head_.next_ = &head_;
  head_.previous_ = &head_;
}

TimerList& Timers::list(std::chrono::milliseconds duration) {
  // At zero, a timer that arms itself again would fire for ever within one `advance`.
  duration = std::max(duration, std::chrono::milliseconds(1));
  for (const auto& list : lists_) {
    if (list->duration() == duration) return *list;
  }
  lists_.push_back(std::make_unique<TimerList>(duration, now_));
  return *lists_.back();
}

int Timers::until_next() const {
  std::uint64_t earliest = UINT64_MAX;
  for (const auto& list : lists_) {
    const Timer* first = list->head_.next_;
    if (first != &list->head_) earliest = std::min(earliest, first->deadline_);
  }
  if (earliest == UINT64_MAX) return -1;
  if (earliest <= now_) return 0;
  return static_cast<int>(std::min<std::uint64_t>(earliest - now_, 60'000));
}

void Timers::advance(std::uint64_t now_milliseconds) {
  now_ = now_milliseconds;
  // By index: a callback may ask for a new list.
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    TimerList& list = *lists_[i];
    while (list.head_.next_ != &list.head_ && list.head_.next_->deadline_ <= now_) {
      Timer* due = list.head_.next_;
      due->disarm();
      due->callback_(*due);
    }
  }
}

}  // namespace sallyport::async
