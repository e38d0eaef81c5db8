#include "seclang/engine/shared_collections.h"

#include "base/text.h"
#include "seclang/integers.h"

namespace sallyport::seclang {

std::string SharedCollections::name_of_record(const Id& id) {
  std::string name(1, static_cast<char>(id.collection));
  name += id.key;
  return name;
}

SharedCollections::Record& SharedCollections::open(const Id& id, std::int64_t now,
                                                   unsigned timeout) {
  std::string name = name_of_record(id);
  auto [found, added] = records_.try_emplace(name);
  Record& record = found->second;
  if (added) {
    written_.store(true, std::memory_order_release);
    record.place = order_.insert(order_.end(), name);
    if (records_.size() > most_) {
      records_.erase(order_.front());
      order_.pop_front();
    }
  } else {
    if (record.expires <= now) record.items.clear();
    order_.splice(order_.end(), order_, record.place);
  }
  record.expires = now + timeout;
  return record;
}

SharedCollections::Item* SharedCollections::item(Record& record, std::string_view name,
                                                 std::int64_t now) {
  auto expired = [now](const auto& each) {
    return each.second.expires != 0 && each.second.expires <= now;
  };
  const std::string key = text::to_lower(name);
  auto found = record.items.find(key);
  if (found != record.items.end()) {
    if (expired(*found)) found->second = {};
    return &found->second;
  }
  if (record.items.size() >= kMostItems) std::erase_if(record.items, expired);
  if (record.items.size() >= kMostItems) return nullptr;
  return &record.items[key];
}

std::vector<std::pair<std::string, std::string>> SharedCollections::read(const Id& id,
                                                                         std::int64_t now) {
  std::vector<std::pair<std::string, std::string>> values;
  if (!written_.load(std::memory_order_acquire)) return values;
  std::scoped_lock lock(mutex_);
  auto found = records_.find(name_of_record(id));
  if (found == records_.end() || found->second.expires <= now) return values;
  for (const auto& [name, item] : found->second.items) {
    if (item.expires == 0 || item.expires > now) values.emplace_back(name, item.value);
  }
  return values;
}

void SharedCollections::set(const Id& id, std::string_view name, std::string_view value,
                            std::int64_t now, unsigned timeout) {
  std::scoped_lock lock(mutex_);
  Item* item = SharedCollections::item(open(id, now, timeout), name, now);
  if (item != nullptr) item->value = value;
}

std::int64_t SharedCollections::add(const Id& id, std::string_view name, std::int64_t amount,
                                    std::int64_t now, unsigned timeout) {
  std::scoped_lock lock(mutex_);
  Item* item = SharedCollections::item(open(id, now, timeout), name, now);
  if (item == nullptr) return amount;
  std::int64_t sum = saturating_add(read_int(item->value).value_or(0), amount);
  item->value = std::to_string(sum);
  return sum;
}

void SharedCollections::erase(const Id& id, std::string_view name) {
  std::scoped_lock lock(mutex_);
  auto found = records_.find(name_of_record(id));
  if (found != records_.end()) found->second.items.erase(text::to_lower(name));
}

void SharedCollections::expire(const Id& id, std::string_view name, std::int64_t when) {
  std::scoped_lock lock(mutex_);
  auto found = records_.find(name_of_record(id));
  if (found == records_.end()) return;
  auto item = found->second.items.find(text::to_lower(name));
  if (item != found->second.items.end()) item->second.expires = when;
}

}  // namespace sallyport::seclang
