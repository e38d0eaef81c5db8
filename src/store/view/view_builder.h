// Makes the next view from the last one and what changed. The store's thread's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/records/api_keys.h"
#include "store/records/work.h"
#include "store/view/caller_view.h"

namespace sallyport::store {

class ViewBuilder {
 public:
  explicit ViewBuilder(std::shared_ptr<const KeyedHash> hash);

  // The view with everything, from the database.
  [[nodiscard]] Outcome<std::shared_ptr<const CallerView>> load(Work& work);
  // The one with what others changed since, by the log of changes. Null: nothing of it is seen.
  [[nodiscard]] Outcome<std::shared_ptr<const CallerView>> catch_up(Work& work, const Since& since,
                                                                    ViewChanges changed);
  [[nodiscard]] std::shared_ptr<const CallerView> next(const ViewChanges& changes);
  // The view made last; without anyone at first.
  [[nodiscard]] const std::shared_ptr<const CallerView>& view() const { return view_; }

  // Keys used since they were collected last, and when.
  [[nodiscard]] std::vector<KeyUse> collect_uses();

 private:
  struct Used {
    UseMarks::Mark mark;
    std::int64_t collected = 0;
  };
  void change_consumers(CallerView& view, const ViewChanges& changes) const;
  void change_keys(CallerView& view, const ViewChanges& changes);
  void change_clients(CallerView& view, const ViewChanges& changes) const;
  void change_revocations(CallerView& view, const ViewChanges& changes) const;
  static void change_admin_tokens(CallerView& view, const ViewChanges& changes);
  // Which keys belong to which consumer, as the next view will have it.
  void note_owner(const PublicId& key, const PublicId& consumer);
  void forget_owner(const PublicId& key, const PublicId& consumer);
  void forget(const std::string& id, const PublicId& key);
  [[nodiscard]] std::shared_ptr<const KeyLimits> limits_of(const ApiKey& key);
  [[nodiscard]] UseMarks::Mark mark_of(const ApiKey& key);

  std::shared_ptr<const KeyedHash> hash_;
  std::shared_ptr<UseMarks> marks_ = std::make_shared<UseMarks>();
  std::shared_ptr<const CallerView> view_;
  std::unordered_map<std::string, Used> used_;  // by key id
  struct HashOfId {
    std::size_t operator()(const PublicId& id) const { return id.hash(); }
  };
  std::unordered_map<PublicId, std::vector<PublicId>, HashOfId> keys_of_;  // by consumer
  std::map<std::string, std::weak_ptr<const KeyLimits>> limits_;
  std::size_t prune_limits_at_ = 64;
};

}  // namespace sallyport::store
