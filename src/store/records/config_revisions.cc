// See config_revisions.h.
#include "store/records/config_revisions.h"

#include <algorithm>

#include "store/records/sealed_tables.h"

namespace sallyport::store {
namespace {

std::string select(std::string_view rest) {
  return std::string(
             "SELECT node, number, loaded, actor, why, file, fingerprint, warnings, size "
             "FROM config_revisions ")
      .append(rest);
}

ConfigRevision read(const Row& row) {
  return {.node = std::string(row.text(0)),
          .number = row.integer(1),
          .loaded = row.integer(2),
          .actor = std::string(row.text(3)),
          .why = std::string(row.text(4)),
          .file = std::string(row.text(5)),
          .fingerprint = std::string(row.text(6)),
          .warnings = row.integer(7),
          .size = row.integer(8)};
}

// One key for what has two, since that is what a secret is bound to.
std::string id_of(std::string_view node, std::int64_t number) {
  return std::string(node).append("#").append(std::to_string(number));
}

std::unexpected<Error> none(std::int64_t number) {
  return fail(ErrorKind::not_found, "there is no revision " + std::to_string(number));
}

// Far beyond what a node loads: what is above was written by somebody else.
constexpr std::int64_t kLastNumber = std::int64_t{1} << 53;

}  // namespace

Outcome<ConfigRevision> ConfigRevisions::add(ConfigRevision revision, std::string_view text,
                                             const RevisionBounds& bounds) const {
  auto before = newest(revision.node);
  if (!before) return fail(before);
  if (before->has_value()) {
    const ConfigRevision& last = **before;
    auto known = this->text(last.node, last.number);
    // One that cannot be opened is no reason not to keep the next.
    if (known && known->view() == text) return last;
    if (last.number >= kLastNumber) {
      return fail(ErrorKind::refused,
                  "the revisions of this node have a number that no gateway "
                  "gave one (" +
                      std::to_string(last.number) +
                      "): remove them from the table config_revisions");
    }
    revision.number = std::max(revision.number, last.number + 1);
  }
  revision.number = std::max<std::int64_t>(revision.number, 1);
  revision.size = static_cast<std::int64_t>(text.size());
  const std::string id = id_of(revision.node, revision.number);
  const std::string sealed = work_.ring.seal(text, kRevisionTable.context_of(id));
  auto inserted = work_.database.execute(
      "INSERT INTO config_revisions (id, node, number, loaded, actor, why, file, fingerprint, "
      "warnings, size, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {id, revision.node, revision.number, revision.loaded, revision.actor, revision.why,
       revision.file, revision.fingerprint, revision.warnings, revision.size, Bytes{sealed}});
  if (!inserted) return fail(inserted);
  auto trimmed = trim(revision, bounds);
  if (!trimmed) return fail(trimmed);
  return revision;
}

Outcome<void> ConfigRevisions::trim(const ConfigRevision& newest,
                                    const RevisionBounds& bounds) const {
  auto kept = list(newest.node);
  if (!kept) return fail(kept);
  std::int64_t bytes = 0;
  std::int64_t first = newest.number;  // that stays
  for (std::size_t i = 0; i < std::min(kept->size(), bounds.revisions); ++i) {
    const ConfigRevision& each = (*kept)[i];
    bytes += std::clamp<std::int64_t>(each.size, 0, bounds.bytes + 1);
    if (bytes > bounds.bytes && i > 0) break;
    first = each.number;
  }
  auto removed = work_.database.execute(
      "DELETE FROM config_revisions WHERE node = $1 AND number < $2", {newest.node, first});
  if (!removed) return fail(removed);
  // Of other nodes: whoever has loaded nothing for the longest time is probably gone.
  removed = work_.database.execute(
      "DELETE FROM config_revisions WHERE node <> $1 AND id NOT IN "
      "(SELECT id FROM config_revisions ORDER BY loaded DESC, id LIMIT $2)",
      {newest.node, static_cast<std::int64_t>(bounds.revisions_in_all)});
  if (!removed) return fail(removed);
  return {};
}

Outcome<std::vector<ConfigRevision>> ConfigRevisions::list(std::string_view node) const {
  std::vector<ConfigRevision> found;
  auto ran = work_.database.query(select("WHERE node = $1 ORDER BY number DESC"), {node},
                                  [&found](const Row& row) { found.push_back(read(row)); });
  if (!ran) return fail(ran);
  return found;
}

Outcome<std::optional<ConfigRevision>> ConfigRevisions::newest(std::string_view node) const {
  std::optional<ConfigRevision> found;
  auto ran = work_.database.query(select("WHERE node = $1 ORDER BY number DESC LIMIT 1"), {node},
                                  [&found](const Row& row) { found = read(row); });
  if (!ran) return fail(ran);
  return found;
}

Outcome<ConfigRevision> ConfigRevisions::get(std::string_view node, std::int64_t number) const {
  std::optional<ConfigRevision> found;
  auto ran = work_.database.query(select("WHERE node = $1 AND number = $2"), {node, number},
                                  [&found](const Row& row) { found = read(row); });
  if (!ran) return fail(ran);
  if (!found) return none(number);
  return std::move(*found);
}

Outcome<SecretText> ConfigRevisions::text(std::string_view node, std::int64_t number) const {
  const std::string id = id_of(node, number);
  std::optional<std::string> sealed;
  auto ran = work_.database.query("SELECT sealed FROM config_revisions WHERE id = $1", {id},
                                  [&sealed](const Row& row) { sealed.emplace(row.text(0)); });
  if (!ran) return fail(ran);
  if (!sealed) return none(number);
  return work_.ring.open(*sealed, kRevisionTable.context_of(id));
}

}  // namespace sallyport::store
