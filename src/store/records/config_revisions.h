// Keeps the configurations that were in force, with their texts sealed: an operator may have
// written into them what is for nobody else. On the store's thread, inside a transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/records/work.h"

namespace sallyport::store {

// A configuration that came into force on a node, without its text.
struct ConfigRevision {
  std::string node;         // which gateway's: several may share a database
  std::int64_t number = 0;  // counts up within a node, from 1
  std::int64_t loaded = 0;  // when it came into force: Unix milliseconds
  std::string actor;        // who or what brought it, as in the audit trail
  std::string why;
  std::string file;
  std::string fingerprint;
  std::int64_t warnings = 0;
  std::int64_t size = 0;  // of the text, in bytes
};

// Of what is kept. The newest revision of a node, which is the one in force, always is.
struct RevisionBounds {
  std::size_t revisions = 50;             // of a node
  std::int64_t bytes = 64LL << 20;        // of the texts of a node
  std::size_t revisions_in_all = 10'000;  // of all nodes; those of nodes long gone go first
};

class ConfigRevisions {
 public:
  explicit ConfigRevisions(Work& work) : work_(work) {}

  // Kept under its number, or under the next one where the node has that number already. A text
  // that is the newest one's makes no new revision: that one comes back. What is beyond `bounds` is
  // forgotten, the oldest first.
  [[nodiscard]] Outcome<ConfigRevision> add(ConfigRevision revision, std::string_view text,
                                            const RevisionBounds& bounds = {}) const;
  // Newest first.
  [[nodiscard]] Outcome<std::vector<ConfigRevision>> list(std::string_view node) const;
  [[nodiscard]] Outcome<std::optional<ConfigRevision>> newest(std::string_view node) const;
  [[nodiscard]] Outcome<ConfigRevision> get(std::string_view node, std::int64_t number) const;
  [[nodiscard]] Outcome<SecretText> text(std::string_view node, std::int64_t number) const;

 private:
  [[nodiscard]] Outcome<void> trim(const ConfigRevision& newest,
                                   const RevisionBounds& bounds) const;
  Work& work_;
};

}  // namespace sallyport::store
