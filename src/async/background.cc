#include "async/background.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace sallyport::async {

Background::Background(unsigned threads) {
  // Signals belong to the main thread: new threads inherit a full mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  threads_.reserve(std::max(threads, 1U));
  while (threads_.size() < threads_.capacity()) threads_.emplace_back([this] { loop(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Background::~Background() {
  {
    std::deque<std::move_only_function<void()>> dropped;
    {
      std::scoped_lock lock(mutex_);
      stopping_ = true;
      dropped.swap(queue_);
    }
    // Destroyed here: outside the lock, for it may run anything, and before the long wait.
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Background::run(std::move_only_function<void()> work) {
  {
    std::scoped_lock lock(mutex_);
    if (stopping_) return;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
}

void Background::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    {
      std::move_only_function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
    }
    lock.lock();
  }
}

}  // namespace sallyport::async
