// A folder where compiled databases are kept from one start to the next, each under the hash of
// what it was made from.
//
// Files are written beside and renamed, so that a reader never sees half of one; one that is
// damaged is no worse than one that is missing. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::seclang {

class Cache {
 public:
  // An empty folder name: nothing is kept.
  explicit Cache(std::string folder) : folder_(std::move(folder)) {}

  // The folder that systemd gives the service, or else /var/cache/sallyport.
  [[nodiscard]] static Cache of_process();

  // SHA-256 in hexadecimal.
  [[nodiscard]] static std::string key_of(std::string_view what);

  // Why the folder is not used although it is there: others than its owner, root or this process,
  // could have put something in it. A sentence with what to do; empty: nothing is wrong.
  [[nodiscard]] std::string why_distrusted() const;

  // Only what a whole file of this process's own writing holds.
  [[nodiscard]] std::optional<std::string> get(const std::string& key) const;
  // Fails silently: the next start pays for it again.
  void put(const std::string& key, std::string_view bytes) const;
  // Removes the files that were asked for longest ago until the rest have so many bytes together.
  void prune(std::uintmax_t bytes) const;

 private:
  std::string folder_;
};

}  // namespace sallyport::seclang
