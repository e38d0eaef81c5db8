// See change_log.h.
#include "store/records/change_log.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "store/records/rows.h"

namespace sallyport::store {
namespace {

// So many changes are remembered: who missed more reads everything.
constexpr std::int64_t kKept = 20'000;
// How often it is looked for older ones, counted in changes.
constexpr std::int64_t kPruneEvery = 256;
// A transaction of more than that is one change of everything.
constexpr std::size_t kMostNamed = 10'000;
constexpr std::size_t kRowsAtOnce = 100;

using Entry = std::pair<std::int64_t, std::string_view>;  // kind and record

std::vector<Entry> entries_of(const ViewChanges& changes) {
  std::vector<Entry> entries;
  const auto add = [&entries](ChangeKind kind, const auto& records) {
    for (const auto& record : records) entries.emplace_back(std::to_underlying(kind), record.first);
  };
  add(ChangeKind::consumer, changes.consumers);
  add(ChangeKind::key, changes.keys);
  add(ChangeKind::client, changes.clients);
  add(ChangeKind::admin_token, changes.admin_tokens);
  for (const auto& [key, record] : changes.revocations) {
    entries.emplace_back(std::to_underlying(ChangeKind::revocation) + std::to_underlying(key.first),
                         key.second);
  }
  if (entries.size() > kMostNamed) {
    entries = {{std::to_underlying(ChangeKind::everything), std::string_view()}};
  }
  return entries;
}

void note(std::int64_t kind, std::string_view record, ChangeLog::Missed& missed) {
  const std::string id(record);
  ViewChanges& records = missed.records;
  switch (static_cast<ChangeKind>(kind)) {
    case ChangeKind::consumer:
      records.consumers[id] = std::nullopt;
      return;
    case ChangeKind::key:
      records.keys[id] = std::nullopt;
      return;
    case ChangeKind::client:
      records.clients[id] = std::nullopt;
      return;
    case ChangeKind::admin_token:
      records.admin_tokens[id] = std::nullopt;
      return;
    case ChangeKind::everything:
    case ChangeKind::revocation:
      break;
  }
  const std::int64_t revocation = kind - std::to_underlying(ChangeKind::revocation);
  if (revocation >= 0 && revocation <= std::to_underlying(RevocationKind::client)) {
    records.revocations[{static_cast<RevocationKind>(revocation), id}] = std::nullopt;
  } else {
    missed.everything = true;  // or of a newer program
  }
}

}  // namespace

Outcome<std::int64_t> ChangeLog::last() const {
  std::int64_t last = 0;
  auto read = database_.query("SELECT coalesce(max(seq), 0) FROM changes", {},
                              [&last](const Row& row) { last = row.integer(0); });
  if (!read) return fail(read);
  return last;
}

Outcome<std::int64_t> ChangeLog::append(std::int64_t last, std::string_view node,
                                        const ViewChanges& changes) const {
  std::int64_t seq = last;
  const std::vector<Entry> entries = entries_of(changes);
  if (seq < 0 ||
      seq > std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(entries.size())) {
    return fail(ErrorKind::refused,
                "the table `changes` has a number that no node wrote (" + std::to_string(seq) +
                    "): empty it and restart all nodes, which then read everything anew");
  }
  for (std::size_t i = 0; i < entries.size();) {
    const std::size_t rest = entries.size() - i;
    const std::size_t rows = rest < kRowsAtOnce ? 1 : kRowsAtOnce;  // few different statements
    std::vector<Value> values;
    for (std::size_t end = i + rows; i < end; ++i) {
      values.insert(values.end(), {++seq, node, entries[i].first, entries[i].second});
    }
    auto inserted = database_.execute(
        "INSERT INTO changes (seq, node, kind, record) VALUES " + placeholders(rows, 4),
        Database::Values(values));
    if (!inserted) return fail(inserted);
  }
  if (last / kPruneEvery != seq / kPruneEvery) {
    auto forgotten = database_.execute("DELETE FROM changes WHERE seq <= $1", {seq - kKept});
    if (!forgotten) return fail(forgotten);
  }
  return seq;
}

Outcome<ChangeLog::Missed> ChangeLog::missed(const Since& since) const {
  Missed missed{.last = since.after, .records = {}};
  auto end = last();
  if (!end) return fail(end);
  // An older state of the database was put back.
  if (*end < since.after) return Missed{.everything = true, .last = *end, .records = {}};
  auto read =
      database_.query("SELECT seq, node, kind, record FROM changes WHERE seq > $1 ORDER BY seq",
                      {since.after}, [&](const Row& row) {
                        if (row.integer(0) != missed.last + 1)
                          missed.everything = true;  // some are forgotten
                        missed.last = row.integer(0);
                        if (row.text(1) != since.node) note(row.integer(2), row.text(3), missed);
                      });
  if (!read) return fail(read);
  return missed;
}

Outcome<void> read_changed(Database& database, std::string select, ChangeKind kind,
                           const Since* since, const Database::EachRow& each) {
  if (since == nullptr) return database.query(select, {}, each);
  select += "WHERE id IN (SELECT record FROM changes WHERE kind = $1 AND seq > $2 AND node <> $3)";
  return database.query(select, {std::int64_t{std::to_underlying(kind)}, since->after, since->node},
                        each);
}

}  // namespace sallyport::store
