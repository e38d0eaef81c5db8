// What outlives a transaction: the records of IP, GLOBAL, SESSION, USER and RESOURCE.
//
// Any thread; one lock, held while a record is read or written. Kept in memory: bounded in number,
// the records that were written longest ago go first; and so are the values of one, whose rules
// then find no new ones.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "seclang/variables.h"

namespace sallyport::seclang {

class SharedCollections {
 public:
  explicit SharedCollections(std::size_t most_records = 100'000) : most_(most_records) {}

  // One record: what `initcol` opened for a key.
  struct Id {
    Variable collection{};
    std::string key;  // "" for GLOBAL's one record is allowed
  };

  // A snapshot of the record's live values at `now` (seconds since the epoch).
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> read(const Id& id,
                                                                      std::int64_t now);
  // `timeout`: seconds that the record then lives.
  void set(const Id& id, std::string_view name, std::string_view value, std::int64_t now,
           unsigned timeout);
  // Adds to an integer in one step, so that concurrent transactions lose nothing. Returns the sum.
  std::int64_t add(const Id& id, std::string_view name, std::int64_t amount, std::int64_t now,
                   unsigned timeout);
  void erase(const Id& id, std::string_view name);
  // `when`: seconds since the epoch.
  void expire(const Id& id, std::string_view name, std::int64_t when);

 private:
  static constexpr std::size_t kMostItems = 1024;  // of a record

  struct Item {
    std::string value;
    std::int64_t expires = 0;  // 0: with its record
  };
  struct Record {
    std::unordered_map<std::string, Item> items;  // names in lower case
    std::int64_t expires = 0;
    std::list<std::string>::iterator place;
  };

  // The record, made anew if there is none or it has run out of time.
  Record& open(const Id& id, std::int64_t now, unsigned timeout);
  // The value, made if there is none; null: there are too many.
  static Item* item(Record& record, std::string_view name, std::int64_t now);
  static std::string name_of_record(const Id& id);

  const std::size_t most_;
  std::atomic<bool> written_{false};  // there may be records
  std::mutex mutex_;
  std::unordered_map<std::string, Record> records_;
  std::list<std::string> order_;  // least recently written first
};

}  // namespace sallyport::seclang
