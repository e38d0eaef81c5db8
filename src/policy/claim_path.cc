#include "policy/claim_path.h"

namespace sallyport {

ClaimPath ClaimPath::dotted(std::string_view name) {
  std::vector<std::string> steps;
  for (std::string_view rest = name;;) {
    const std::size_t dot = rest.find('.');
    steps.emplace_back(rest.substr(0, dot));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  ClaimPath path(std::move(steps));
  if (path.steps_.size() > 1) path.whole_ = name;
  return path;
}

std::optional<json::Value> ClaimPath::find(const std::optional<json::Value>& claims) const {
  if (claims && !whole_.empty()) {
    if (std::optional<json::Value> found = claims->find(whole_)) return found;
  }
  std::optional<json::Value> here = claims;
  for (const std::string& step : steps_) {
    if (!here) return std::nullopt;
    here = here->find(step);
  }
  return here;
}

}  // namespace sallyport
