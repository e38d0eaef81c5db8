// The keys of tokens that this process issues itself: published by whoever signs with them, read by
// whoever verifies, without a request from one to the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/shared_by_name.h"
#include "jose/key_set.h"

namespace sallyport {

// Any thread.
class IssuerKeys {
 public:
  // The one of that issuer, for as long as somebody holds it: configurations that follow each other
  // share it.
  [[nodiscard]] static std::shared_ptr<IssuerKeys> of(const std::string& issuer) {
    static SharedByName<IssuerKeys> all;
    return all.get(issuer, [] { return std::make_shared<IssuerKeys>(); });
  }

  // Null: there are none yet.
  [[nodiscard]] std::shared_ptr<const jose::KeySet> keys() const { return keys_.load(); }
  // Another number whenever keys() are others.
  [[nodiscard]] std::uint64_t generation() const {
    return generation_.load(std::memory_order_acquire);
  }
  void publish(std::shared_ptr<const jose::KeySet> keys) {
    keys_.store(std::move(keys));
    generation_.fetch_add(1, std::memory_order_release);
  }

 private:
  std::atomic<std::shared_ptr<const jose::KeySet>> keys_;
  std::atomic<std::uint64_t> generation_{1};
};

}  // namespace sallyport
