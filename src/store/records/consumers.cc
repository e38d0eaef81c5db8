// See consumers.h.
#include "store/records/consumers.h"

#include <unordered_set>

#include "store/public_id.h"
#include "store/records/rows.h"
#include "store/records/validate.h"
#include "store/sealing/password_hash.h"

namespace sallyport::store {
namespace {

std::string select(std::string_view rest) {
  return std::string(
             "SELECT id, name, groups_in, roles, metadata, plan, disabled, created, password_hash "
             "FROM consumers ")
      .append(rest);
}

Consumer read(const Row& row) {
  return {.id = std::string(row.text(0)),
          .name = std::string(row.text(1)),
          .groups = from_lines(row.text(2)),
          .roles = from_lines(row.text(3)),
          .metadata = std::string(row.text(4)),
          .plan = std::string(row.text(5)),
          .disabled = row.integer(6) != 0,
          .created = row.integer(7),
          .password_hash = std::string(row.text(8))};
}

constexpr std::size_t kColumns = 8;  // that are given to a new one
constexpr std::size_t kRowsAtOnce = 100;

std::string exists(const Consumer& consumer) {
  return "there is a consumer named " + consumer.name + " already";
}

}  // namespace

Outcome<void> Consumers::prepare(Consumer& consumer) const {
  auto valid = validate(consumer);
  if (!valid) return valid;
  consumer.id = PublicId::random().text();
  consumer.created = work_.now;
  consumer.password_hash.clear();
  return {};
}

Outcome<void> Consumers::create_all(std::span<Consumer> consumers) const {
  for (Consumer& consumer : consumers) {
    auto good = prepare(consumer);
    if (!good) return fail(good.error().kind, consumer.name + ": " + good.error().text);
  }
  while (!consumers.empty()) {
    const std::size_t rows = consumers.size() < kRowsAtOnce ? 1 : kRowsAtOnce;
    auto inserted = insert(consumers.first(rows));
    if (!inserted) return inserted;
    consumers = consumers.subspan(rows);
  }
  return {};
}

Outcome<void> Consumers::insert(std::span<const Consumer> consumers) const {
  std::vector<std::string> lists;  // what the values point to
  lists.reserve(2 * consumers.size());
  std::vector<Value> values;
  values.reserve(kColumns * consumers.size());
  for (const Consumer& each : consumers) {
    const std::string& groups = lists.emplace_back(to_lines(each.groups));
    const std::string& roles = lists.emplace_back(to_lines(each.roles));
    values.insert(values.end(), {each.id, each.name, groups, roles, each.metadata, each.plan,
                                 std::int64_t{each.disabled}, each.created});
  }
  std::unordered_set<std::string> made;
  auto inserted = work_.database.query(
      "INSERT INTO consumers (id, name, groups_in, roles, metadata, plan, disabled, created) "
      "VALUES " +
          placeholders(consumers.size(), kColumns) + " ON CONFLICT (name) DO NOTHING RETURNING id",
      Database::Values(values), [&made](const Row& row) { made.emplace(row.text(0)); });
  if (!inserted) return inserted;
  for (const Consumer& each : consumers) {
    if (!made.contains(each.id)) {
      return fail(ErrorKind::conflict, exists(each));
    }
    work_.changes.consumers[each.id] = each;
  }
  return {};
}

Outcome<Consumer> Consumers::create(Consumer consumer) const {
  auto good = prepare(consumer);
  if (!good) return fail(good);
  auto inserted = insert({&consumer, 1});
  if (!inserted) return fail(inserted);
  return consumer;
}

Outcome<Consumer> Consumers::get(std::string_view id) const {
  return read_one<Consumer>(work_.database, select("WHERE id = $1"), id, read, "consumer");
}

Outcome<Consumer> Consumers::find_by_name(std::string_view name) const {
  return read_one<Consumer>(work_.database, select("WHERE name = $1"), name, read,
                            "consumer named");
}

Outcome<Page<Consumer>> Consumers::list(const PageQuery& query) const {
  return read_page<Consumer>(work_.database, select("WHERE name > $1 ORDER BY name LIMIT $2"),
                             query, nullptr, read, [](const Consumer& last) { return last.name; });
}

Outcome<Consumer> Consumers::update(Consumer consumer) const {
  auto valid = validate(consumer);
  if (!valid) return fail(valid);
  auto before = get(consumer.id);
  if (!before) return before;
  consumer.created = before->created;
  consumer.password_hash = before->password_hash;
  auto updated = work_.database.execute(
      "UPDATE consumers SET name = $1, groups_in = $2, roles = $3, metadata = $4, plan = $5, "
      "disabled = $6 WHERE id = $7",
      {consumer.name, to_lines(consumer.groups), to_lines(consumer.roles), consumer.metadata,
       consumer.plan, std::int64_t{consumer.disabled}, consumer.id});
  if (!updated) return fail(updated = reworded(std::move(updated), exists(consumer)));
  work_.changes.consumers[consumer.id] = consumer;
  return consumer;
}

Outcome<Consumer> Consumers::set_password(std::string_view id, std::string_view hash) const {
  if (!hash.empty()) {
    const auto parsed = PasswordHash::parse(hash);
    if (!parsed) return fail(ErrorKind::invalid, "`password_hash` " + parsed.error());
  }
  auto consumer = get(id);
  if (!consumer) return consumer;
  consumer->password_hash = hash;
  auto updated =
      work_.database.execute("UPDATE consumers SET password_hash = $1 WHERE id = $2", {hash, id});
  if (!updated) return fail(updated);
  work_.changes.consumers[consumer->id] = *consumer;
  return consumer;
}

Outcome<void> Consumers::remove(std::string_view id) const {
  auto keys = work_.database.query(
      "DELETE FROM api_keys WHERE consumer = $1 RETURNING id", {id},
      [this](const Row& row) { work_.changes.keys[std::string(row.text(0))] = std::nullopt; });
  if (!keys) return keys;
  auto clients = work_.database.query(
      "DELETE FROM clients WHERE consumer = $1 RETURNING id", {id},
      [this](const Row& row) { work_.changes.clients[std::string(row.text(0))] = std::nullopt; });
  if (!clients) return clients;
  auto removed = work_.database.execute("DELETE FROM consumers WHERE id = $1", {id});
  if (!removed) return fail(removed);
  if (*removed == 0) return fail(ErrorKind::not_found, "there is no consumer " + std::string(id));
  work_.changes.consumers[std::string(id)] = std::nullopt;
  return {};
}

Outcome<void> Consumers::for_each(const Since* since,
                                  const std::function<void(Consumer)>& each) const {
  return read_changed(work_.database, select(""), ChangeKind::consumer, since,
                      [&each](const Row& row) { each(read(row)); });
}

}  // namespace sallyport::store
