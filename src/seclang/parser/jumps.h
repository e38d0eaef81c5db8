// Where skip and skipAfter lead within one phase, once removed rules are gone.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "seclang/parser/draft.h"

namespace sallyport::seclang {

class Jumps {
 public:
  // `removed`: for every rule that was read for this phase, whether it is left out.
  Jumps(std::size_t phase, const std::vector<Marker>& markers, const std::vector<bool>& removed)
      : kept_(removed.size() + 1) {
    for (std::size_t i = 0; i < removed.size(); ++i) kept_[i + 1] = kept_[i] + (removed[i] ? 0 : 1);
    for (const Marker& marker : markers) {
      markers_.emplace_back(marker.name, marker.positions.at(phase));
    }
  }

  // The first rule behind the next marker of that name behind rule `from`. Counts from the rules
  // that were read to those that are kept. nullopt: no such marker.
  [[nodiscard]] std::optional<std::size_t> behind(const std::string& name, std::size_t from) const {
    for (const auto& [marker, position] : markers_) {
      if (position > from && marker == name) return kept_[position];
    }
    return std::nullopt;
  }

  // How many of the `count` rules from `first` on are kept: those that are removed still count for
  // `skip`, as in ModSecurity 3.
  [[nodiscard]] unsigned rules_in(std::size_t first, unsigned count) const {
    std::size_t begin = std::min(first, kept_.size() - 1);
    std::size_t end = std::min(begin + count, kept_.size() - 1);
    return static_cast<unsigned>(kept_[end] - kept_[begin]);
  }

 private:
  std::vector<std::size_t> kept_;  // [i]: how many of the first i rules are kept
  std::vector<std::pair<std::string, std::size_t>> markers_;
};

}  // namespace sallyport::seclang
