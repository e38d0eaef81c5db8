// A few threads for what must not run on a reactor: name lookups, files, anything that blocks.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sallyport::async {

class Background {
 public:
  explicit Background(unsigned threads);
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  // Finishes what runs, drops what has not begun.
  ~Background();
  // Any thread. Results go back through Reactor::post.
  void run(std::move_only_function<void()> work);

 private:
  void loop();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sallyport::async
