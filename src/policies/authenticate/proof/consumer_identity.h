// What a consumer of the store is to later policies. Private to this folder.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "policy/identity.h"
#include "store/view/caller_view.h"

namespace sallyport::policies::authenticate_detail {

// `consumer` is of `view`, which the identity keeps.
[[nodiscard]] inline Identity identity_of(const store::KnownConsumer& consumer,
                                          std::string_view method, Strength strength,
                                          std::shared_ptr<const store::CallerView> view) {
  Identity identity;
  identity.method = method;
  identity.consumer = consumer.name;
  identity.subject = consumer.name;
  identity.strength = strength;
  identity.roles = consumer.role_views;
  identity.groups = consumer.group_views;
  identity.owner = std::move(view);
  return identity;
}

}  // namespace sallyport::policies::authenticate_detail
