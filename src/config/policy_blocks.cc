// See policy_blocks.h.
#include "config/policy_blocks.h"

#include <algorithm>
#include <utility>

#include "config/or_off.h"

namespace sallyport::config {
namespace {

PlacedPolicy place(const PolicyType& type, MadePolicy made, std::string origin) {
  return {.name = type.name,
          .stage = type.stage,
          .policy = made.off ? nullptr : std::move(made.policy),
          .monitor = made.monitor,
          .origin = std::move(origin),
          .on_request = type.on_request,
          .on_request_body = type.on_request_body,
          .on_response = type.on_response,
          .on_response_body = type.on_response_body};
}

std::string line_of(const schema::Where& where) {
  if (!where.mark.file) return "default";
  return *where.mark.file + ':' + std::to_string(where.mark.line);
}

}  // namespace

PolicyBlocks::PolicyBlocks(Building& b) : b_(b) {
  scope_.keeps_state = b.root.state.has_value();
  if (b.root.token_service) scope_.own_issuer = b.root.token_service->value.issuer.value;
  make_all(b.root.policies);
  for (const auto& api : b.root.apis) {
    make_all(api.value.keys.policies);
    for (const auto& route : api.value.routes) make_all(route.value.keys.policies);
  }
  for (const PolicyType& type : known_policies()) {
    if (on_by_default(type)) make_default(type);
  }
  b.files.insert(scope_.files.begin(), scope_.files.end());
  b.snapshot.own_cookies = OwnCookies::of(scope_);
  b.snapshot.identity_headers = IdentityHeaders::of(scope_);
  std::vector<std::string>& masked = b.snapshot.log.mask_query;
  masked.insert(masked.end(), scope_.secret_parameters.begin(), scope_.secret_parameters.end());
}

void PolicyBlocks::make_all(const Blocks& blocks) {
  for (const schema::Block& block : blocks) {
    // The field table only lets names of policies through.
    if (const PolicyType* type = find_policy(known_policies(), block.name)) make(*type, block);
  }
}

void PolicyBlocks::make(const PolicyType& type, const schema::Block& block) {
  MadePolicy made;
  if (!is_off(block.value)) {
    schema::Context context(b_.diagnostics, block.where.path, &scope_);
    made = type.make(block.value, context);
  }
  made_.emplace(&block, place(type, std::move(made), line_of(block.where)));
}

void PolicyBlocks::make_default(const PolicyType& type) {
  schema::Node empty;
  empty.kind = schema::Node::Kind::map;
  schema::Context context(b_.diagnostics, type.name, &scope_);
  defaults_.emplace(&type, place(type, type.make(empty, context), "default"));
}

std::vector<PlacedPolicy> PolicyBlocks::placed(std::span<const Blocks* const> levels) const {
  std::vector<PlacedPolicy> placed;
  for (const PolicyType& type : known_policies()) {
    const PlacedPolicy* chosen = nullptr;
    for (const Blocks* blocks : levels) {
      auto found = std::ranges::find(*blocks, type.name, &schema::Block::name);
      if (found == blocks->end()) continue;
      chosen = &made_.at(&*found);
      break;
    }
    if (chosen == nullptr) {
      auto found = defaults_.find(&type);
      if (found != defaults_.end()) chosen = &found->second;
    }
    if (chosen != nullptr && chosen->policy != nullptr) placed.push_back(*chosen);
  }
  return placed;
}

}  // namespace sallyport::config
