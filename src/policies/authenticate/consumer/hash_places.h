// Places in the line for passwords that are to be hashed, which is expensive on purpose. Private to
// this folder.
//
// Few, so that whoever waits is answered before he gives up; and of them only a share for each
// network, so that one stranger cannot keep everybody else waiting.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "http/address.h"

namespace sallyport::policies::authenticate_detail {

// Any thread. Outlives its places.
class HashPlaces {
 public:
  static constexpr std::size_t kMost = 32;
  static constexpr std::size_t kOfNetwork = kMost / 4;

  // What one holds until it is destroyed.
  class Place {
   public:
    Place(Place&& other) noexcept
        : places_(std::exchange(other.places_, nullptr)), slot_(other.slot_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (places_ != nullptr) places_->leave(slot_);
    }

   private:
    friend class HashPlaces;
    Place(HashPlaces& places, std::size_t slot) : places_(&places), slot_(slot) {}
    HashPlaces* places_;  // null: moved from
    std::size_t slot_;
  };

  // Nothing: there is none left, or none for the network of `address` (IPv4: /24, IPv6: /64).
  [[nodiscard]] std::optional<Place> take(const net::Address& address);

 private:
  struct Slot {
    net::Address network;
    std::size_t taken = 0;
  };
  void leave(std::size_t slot);

  std::mutex mutex_;  // guards what follows
  std::size_t taken_ = 0;
  std::array<Slot, kMost> slots_;
};

}  // namespace sallyport::policies::authenticate_detail
