// What tests of the store share: a folder that goes away, a key ring, and outcomes unwrapped.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <string>
#include <utility>

#include "store/error.h"
#include "store/sealing/key_ring.h"

namespace sallyport::store {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sallyport_store_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline constexpr std::string_view kTestKey =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
inline constexpr std::string_view kOtherTestKey =
    "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

inline MasterKey test_master(std::string_view text = kTestKey) {
  return std::move(*MasterKey::from_text(text, "test"));
}
inline KeyRing test_ring() { return KeyRing(test_master()); }

// The value, or the end of the test with the error's sentence.
template <typename T>
T must(Outcome<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

// The error's sentence; empty for none.
template <typename T>
std::string error_of(const Outcome<T>& outcome) {
  return outcome ? "" : outcome.error().text;
}

}  // namespace sallyport::store
