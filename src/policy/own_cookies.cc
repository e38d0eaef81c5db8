#include "policy/own_cookies.h"

#include <algorithm>
#include <memory>

#include "policy/cookies.h"

namespace sallyport {
namespace {

constexpr const char* kShared = "own_cookies";

}  // namespace

void OwnCookies::note(schema::Context& context, const std::string& name) {
  if (context.scope() == nullptr) return;
  std::shared_ptr<void>& shared = context.scope()->shared[kShared];
  if (shared == nullptr) shared = std::make_shared<OwnCookies>();
  std::vector<std::string>& all = static_cast<OwnCookies*>(shared.get())->names_;
  if (std::ranges::find(all, name) == all.end()) all.push_back(name);
}

OwnCookies OwnCookies::of(const schema::LoadScope& scope) {
  auto found = scope.shared.find(kShared);
  if (found == scope.shared.end()) return {};
  return *static_cast<const OwnCookies*>(found->second.get());
}

bool OwnCookies::contains(std::string_view name) const {
  return std::ranges::any_of(names_, [name](const std::string& one) {
    return name.starts_with(one) && (name.size() == one.size() || name[one.size()] == '.');
  });
}

void OwnCookies::strip_all(http::Request& request, Arena& arena) const {
  remove_cookies(request, arena, [this](std::string_view name) { return contains(name); });
}

}  // namespace sallyport
