// What the repositories share: lists of words as lines of text, and pages.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "store/database/database.h"
#include "store/records/records.h"

namespace sallyport::store {

[[nodiscard]] std::string to_lines(const std::vector<std::string>& words);
[[nodiscard]] std::vector<std::string> from_lines(std::string_view lines);

// "($1, $2), ($3, $4)" for two rows of two columns.
[[nodiscard]] std::string placeholders(std::size_t rows, std::size_t columns);

// Anything but 32 bytes leaves zeros, which are the hash of no secret.
void read_hash(std::string_view bytes, Hash& hash);

// Runs `sql`, which takes the query's `after` as $1 and the number of rows as $2 (and `also` as
// $3, unless it is null), and makes a page of what `read` makes of the rows. `key_of` is what the
// list is ordered by.
template <typename T, typename Read, typename KeyOf>
[[nodiscard]] Outcome<Page<T>> read_page(Database& database, std::string_view sql,
                                         const PageQuery& query, const Value& also, Read read,
                                         KeyOf key_of) {
  const std::size_t limit = std::clamp(query.limit, std::size_t{1}, PageQuery::kMost);
  const Value after(query.after);
  const Value rows(static_cast<std::int64_t>(limit + 1));  // one more, to know whether it exists
  Page<T> page;
  const auto add = [&](const Row& row) { page.items.push_back(read(row)); };
  Outcome<void> ran = also.is_null() ? database.query(sql, {after, rows}, add)
                                     : database.query(sql, {after, rows, also}, add);
  if (!ran) return fail(ran);
  if (page.items.size() > limit) {
    page.items.pop_back();
    page.next = key_of(page.items.back());
  }
  return page;
}

// The one row that `sql` finds, or what to say when it finds none.
template <typename T, typename Read>
[[nodiscard]] Outcome<T> read_one(Database& database, std::string_view sql, std::string_view key,
                                  Read read, std::string_view what) {
  std::optional<T> found;
  auto ran = database.query(sql, {key}, [&](const Row& row) { found.emplace(read(row)); });
  if (!ran) return fail(ran);
  if (!found) {
    return fail(ErrorKind::not_found, "there is no " + std::string(what) + " " + std::string(key));
  }
  return std::move(*found);
}

// What the database says of a write, in the words of records: `conflict` and `reference` are the
// sentences for a record that exists already, and for a consumer that does not.
template <typename T>
[[nodiscard]] Outcome<T> reworded(Outcome<T> outcome, const std::string& conflict,
                                  const std::string& reference = {}) {
  if (outcome) return outcome;
  if (outcome.error().kind == ErrorKind::conflict) outcome.error().text = conflict;
  if (outcome.error().kind == ErrorKind::not_found) outcome.error().text = reference;
  return outcome;
}

}  // namespace sallyport::store
