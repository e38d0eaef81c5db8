// Things that whoever names the same shares, for as long as anybody holds one: files, connections,
// what outlives a configuration that is read again.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace sallyport {

template <typename T>
class SharedByName {
 public:
  // The one of that name; `make()` gives it as a shared_ptr if there is none. Any thread.
  template <typename Make>
  [[nodiscard]] std::shared_ptr<T> get(const std::string& name, Make make) {
    std::scoped_lock lock(mutex_);
    std::weak_ptr<T>& known = by_name_[name];
    std::shared_ptr<T> found = known.lock();
    if (found == nullptr) known = found = make();
    return found;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<T>> by_name_;
};

}  // namespace sallyport
