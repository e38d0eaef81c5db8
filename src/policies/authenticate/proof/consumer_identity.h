// What a consumer of the store is to later policies. Private to this folder.
#pragma once

#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "policy/identity.h"
#include "store/view/caller_view.h"

namespace sallyport::policies::authenticate_detail {

// In the arena: nothing of it is on the heap.
[[nodiscard]] inline std::span<const std::string_view> views_of(
    const std::vector<std::string>& words, Arena& arena) {
  if (words.empty()) return {};
  auto* const views = arena.array<std::string_view>(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) new (views + i) std::string_view(words[i]);
  return {views, words.size()};
}

// `consumer` is of `view`, which the identity keeps.
[[nodiscard]] inline Identity identity_of(const store::Consumer& consumer, std::string_view method,
                                          Strength strength,
                                          std::shared_ptr<const store::CallerView> view,
                                          Arena& arena) {
  Identity identity;
  identity.method = method;
  identity.consumer = consumer.name;
  identity.subject = consumer.name;
  identity.strength = strength;
  identity.roles = views_of(consumer.roles, arena);
  identity.groups = views_of(consumer.groups, arena);
  identity.owner = std::move(view);
  return identity;
}

}  // namespace sallyport::policies::authenticate_detail
