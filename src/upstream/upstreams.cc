#include "upstream/upstreams.h"

#include <algorithm>

#include "policy/route.h"
#include "upstream/call.h"

namespace sallyport::upstream {

LocalUpstream& Upstreams::local(const std::shared_ptr<Upstream>& upstream) {
  std::unique_ptr<LocalUpstream>& found = locals_[upstream->id()];
  if (found == nullptr) found = std::make_unique<LocalUpstream>(reactor_, upstream);
  return *found;
}

Task<Result<http::Response>> Upstreams::send(Exchange& x) {
  auto call = std::make_unique<Call>(*this, local(x.route->upstream), x);
  Call& running = *call;
  x.call = std::move(call);
  return running.run();
}

Task<Done> Upstreams::finish(Exchange& x) {
  if (x.call == nullptr) return Done{};
  return x.call->finish();
}

void Upstreams::set(const std::vector<std::shared_ptr<Upstream>>& upstreams) {
  current_ = upstreams;
  // Before anything is forgotten: pools of endpoints that stay go over to their new upstream.
  for (const auto& upstream : current_) (void)local(upstream).refresh(all_pools_);
  forget_unused();
}

// Upstreams of past configurations stay while an exchange is on its way to them.
void Upstreams::forget_unused() {
  std::erase_if(locals_, [&](const auto& entry) {
    const std::shared_ptr<Upstream>& upstream = entry.second->upstream();
    if (std::ranges::find(current_, upstream) != current_.end()) return false;
    if (entry.second->calls != 0) return false;
    return std::ranges::all_of(entry.second->pools(),
                               [](const Pool* pool) { return pool->active == 0; });
  });
  std::erase_if(all_pools_, [&](const auto& entry) {
    if (entry.second->active != 0) return false;
    for (const auto& [id, local] : locals_) {
      if (std::ranges::find(local->pools(), entry.second.get()) != local->pools().end()) {
        return false;
      }
    }
    return true;
  });
}

}  // namespace sallyport::upstream
