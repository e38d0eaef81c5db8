// See view_builder.h.
#include "store/view/view_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "store/records/admin_tokens.h"
#include "store/records/clients.h"
#include "store/records/consumers.h"
#include "store/records/revocations.h"
#include "store/records/rows.h"

namespace sallyport::store {
namespace {

// Reads the records of all kinds into `out`: everything, or what changed since.
Outcome<void> read(Work& work, const Since* since, ViewChanges& out) {
  auto read = Consumers(work).for_each(
      since, [&out](Consumer record) { out.consumers[record.id] = std::move(record); });
  if (!read) return read;
  read = ApiKeys(work).for_each(since,
                                [&out](ApiKey record) { out.keys[record.id] = std::move(record); });
  if (!read) return read;
  read = Clients(work).for_each(
      since, [&out](Client record) { out.clients[record.id] = std::move(record); });
  if (!read) return read;
  read = Revocations(work).for_each(since, [&out](Revocation record) {
    out.revocations[{record.kind, record.value}] = std::move(record);
  });
  if (!read) return read;
  return AdminTokens(work).for_each(
      since, [&out](AdminToken record) { out.admin_tokens[record.id] = std::move(record); });
}

}  // namespace

ViewBuilder::ViewBuilder(std::shared_ptr<const KeyedHash> hash)
    : hash_(std::move(hash)), view_(std::make_shared<const CallerView>(hash_, marks_)) {}

Outcome<std::shared_ptr<const CallerView>> ViewBuilder::load(Work& work) {
  ViewChanges all;
  auto loaded = read(work, nullptr, all);
  if (!loaded) return fail(loaded);
  std::erase_if(used_, [&](const auto& used) {
    if (all.keys.contains(used.first)) return false;
    marks_->release(used.second.mark);
    return true;
  });
  view_ = std::make_shared<const CallerView>(hash_, marks_);
  keys_of_.clear();
  return next(all);
}

Outcome<std::shared_ptr<const CallerView>> ViewBuilder::catch_up(Work& work, const Since& since,
                                                                 ViewChanges changed) {
  if (changed.empty()) return nullptr;
  auto loaded = read(work, &since, changed);
  if (!loaded) return fail(loaded);
  return next(changed);
}

std::shared_ptr<const CallerView> ViewBuilder::next(const ViewChanges& changes) {
  auto view = std::make_shared<CallerView>(*view_);
  change_consumers(*view, changes);
  change_keys(*view, changes);
  change_clients(*view, changes);
  change_revocations(*view, changes);
  change_admin_tokens(*view, changes);
  view_ = view;
  return view_;
}

void ViewBuilder::change_consumers(CallerView& view, const ViewChanges& changes) const {
  std::vector<ShardedTable<CallerConsumer>::Change> by_id;
  std::vector<ShardedTable<NamedConsumer>::Change> by_name;
  // Names go first: one consumer may take the name that another gave up.
  for (const auto& [id, record] : changes.consumers) {
    const Consumer* before = view_->consumer(id);
    if (before != nullptr && (!record || record->name != before->name)) {
      by_name.emplace_back(std::in_place_index<1>, before->name);
    }
  }
  for (const auto& [id, record] : changes.consumers) {
    const std::optional<PublicId> parsed = PublicId::parse(id);
    if (!parsed) continue;
    if (!record) {
      by_id.emplace_back(std::in_place_index<1>, *parsed);
      continue;
    }
    auto shared = std::make_shared<const KnownConsumer>(*record);
    by_id.emplace_back(CallerConsumer{.id = *parsed, .record = shared});
    by_name.emplace_back(NamedConsumer{.record = std::move(shared)});
  }
  view.consumers_.apply(std::move(by_id));
  view.consumers_by_name_.apply(std::move(by_name));
}

void ViewBuilder::change_keys(CallerView& view, const ViewChanges& changes) {
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  std::vector<ShardedTable<CallerKey>::Change> keys;
  // Keys that stay as they are point to consumers that changed.
  for (const auto& [id, record] : changes.consumers) {
    const std::optional<PublicId> parsed = PublicId::parse(id);
    const auto owned = parsed ? keys_of_.find(*parsed) : keys_of_.end();
    if (owned == keys_of_.end()) continue;
    for (const PublicId& key : owned->second) {
      const CallerKey* before = view.keys_.find(key);
      if (before == nullptr || changes.keys.contains(key.text())) continue;
      CallerKey after = *before;
      after.record = view.known_consumer(*parsed);
      keys.emplace_back(std::move(after));
    }
    if (!record) keys_of_.erase(owned);
  }
  for (const auto& [id, record] : changes.keys) {
    const std::optional<PublicId> parsed = PublicId::parse(id);
    if (!parsed) continue;
    // A key whose consumer has no id of ours could not be judged.
    const std::optional<PublicId> consumer =
        record ? PublicId::parse(record->consumer) : std::nullopt;
    if (!consumer) {
      keys.emplace_back(std::in_place_index<1>, *parsed);
      forget(id, *parsed);
      continue;
    }
    note_owner(*parsed, *consumer);
    keys.emplace_back(CallerKey{.id = *parsed,
                                .consumer = *consumer,
                                .revoked = record->revoked.has_value(),
                                .mark = mark_of(*record),
                                .secret_hash = record->secret_hash,
                                .record = view.known_consumer(*consumer),
                                .not_before = record->not_before.value_or(0),
                                .expires = record->expires.value_or(kNever),
                                .limits = limits_of(*record)});
  }
  view.keys_.apply(std::move(keys));
}

void ViewBuilder::note_owner(const PublicId& key, const PublicId& consumer) {
  const CallerKey* before = view_->keys_.find(key);
  if (before != nullptr && before->consumer == consumer) return;
  if (before != nullptr) forget_owner(key, before->consumer);
  keys_of_[consumer].push_back(key);
}

void ViewBuilder::forget_owner(const PublicId& key, const PublicId& consumer) {
  const auto owned = keys_of_.find(consumer);
  if (owned == keys_of_.end()) return;
  std::erase(owned->second, key);
  if (owned->second.empty()) keys_of_.erase(owned);
}

void ViewBuilder::forget(const std::string& id, const PublicId& key) {
  const CallerKey* before = view_->keys_.find(key);
  if (before != nullptr) forget_owner(key, before->consumer);
  auto used = used_.find(id);
  if (used == used_.end()) return;
  marks_->release(used->second.mark);
  used_.erase(used);
}

void ViewBuilder::change_clients(CallerView& view, const ViewChanges& changes) const {
  std::vector<ShardedTable<CallerClient>::Change> clients;
  for (const auto& [id, record] : changes.clients) {
    if (record) {
      clients.emplace_back(CallerClient{.record = std::make_shared<const Client>(*record)});
    } else {
      clients.emplace_back(std::in_place_index<1>, id);
    }
  }
  view.clients_.apply(std::move(clients));
}

void ViewBuilder::change_revocations(CallerView& view, const ViewChanges& changes) const {
  std::vector<ShardedTable<CallerRevocation>::Change> revocations;
  for (const auto& [key, record] : changes.revocations) {
    if (record) {
      revocations.emplace_back(CallerRevocation{.record = *record});
    } else {
      revocations.emplace_back(std::in_place_index<1>,
                               RevocationKey{.kind = key.first, .value = key.second});
    }
  }
  view.revocations_.apply(std::move(revocations));
}

void ViewBuilder::change_admin_tokens(CallerView& view, const ViewChanges& changes) {
  std::vector<ShardedTable<KnownAdminToken>::Change> tokens;
  for (const auto& [id, record] : changes.admin_tokens) {
    const std::optional<PublicId> parsed = PublicId::parse(id);
    if (!parsed) continue;
    if (record) {
      tokens.emplace_back(
          KnownAdminToken{.id = *parsed, .record = std::make_shared<const AdminToken>(*record)});
    } else {
      tokens.emplace_back(std::in_place_index<1>, *parsed);
    }
  }
  view.admin_tokens_.apply(std::move(tokens));
}

std::shared_ptr<const KeyLimits> ViewBuilder::limits_of(const ApiKey& key) {
  // Words hold no control characters, so this is unambiguous.
  const std::string text =
      to_lines(key.apis) + '\t' + to_lines(key.scopes) + '\t' + to_lines(key.networks);
  auto& known = limits_[text];
  if (auto shared = known.lock()) return shared;
  std::vector<net::Cidr> networks;
  for (const std::string& network : key.networks) {
    // An unreadable network (the database was edited by hand) opens nothing: it is replaced by one
    // that no caller comes from.
    networks.push_back(net::Cidr::parse(network, nullptr)
                           .value_or(net::Cidr{.network = net::Address(), .prefix = 128}));
  }
  auto made = std::make_shared<const KeyLimits>(key, net::CidrSet(std::move(networks)));
  known = made;
  if (limits_.size() >= prune_limits_at_) {
    std::erase_if(limits_, [](const auto& entry) { return entry.second.expired(); });
    prune_limits_at_ = 2 * limits_.size() + 64;
  }
  return made;
}

UseMarks::Mark ViewBuilder::mark_of(const ApiKey& key) {
  auto known = used_.find(key.id);
  if (known != used_.end()) return known->second.mark;
  const UseMarks::Mark mark = marks_->add();
  used_.emplace(key.id, Used{.mark = mark});
  return mark;
}

std::vector<KeyUse> ViewBuilder::collect_uses() {
  std::vector<KeyUse> uses;
  for (auto& [id, used] : used_) {
    const std::int64_t time = marks_->time(used.mark);
    if (time <= used.collected) continue;
    used.collected = time;
    uses.push_back({.id = id, .time = time});
  }
  return uses;
}

}  // namespace sallyport::store
