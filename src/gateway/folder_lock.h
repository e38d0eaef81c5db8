// Who has the folder of the state open: any number of gateways and commands, or one that has to be
// alone with it.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace sallyport::gateway {

// Held until it is destroyed, or the process ends.
class FolderLock {
 public:
  // Waits for nobody. The error is a sentence for the operator.
  [[nodiscard]] static std::expected<FolderLock, std::string> shared(const std::string& folder);
  [[nodiscard]] static std::expected<FolderLock, std::string> alone(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace sallyport::gateway
