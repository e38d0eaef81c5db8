// Where a claim about a caller stands. Immutable, made when a configuration is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/document.h"

namespace sallyport {

class ClaimPath {
 public:
  // The members to go through, from the outermost in.
  explicit ClaimPath(std::vector<std::string> steps) : steps_(std::move(steps)) {}
  // "realm_access.roles": the claim of that whole name if there is one, else through its members.
  [[nodiscard]] static ClaimPath dotted(std::string_view name);

  // Nothing without such a claim, or without claims.
  [[nodiscard]] std::optional<json::Value> find(const std::optional<json::Value>& claims) const;

 private:
  std::string whole_;  // empty: only the steps count
  std::vector<std::string> steps_;
};

}  // namespace sallyport
