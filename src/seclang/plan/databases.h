// The patterns of many rules as one database of the multi-pattern scanner. What is too large for
// it, or slow there, goes to an automaton.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seclang/plan/automaton.h"
#include "seclang/plan/cache.h"
#include "seclang/plan/candidates.h"

struct hs_database;
struct hs_scratch;

namespace sallyport::seclang {

class Scratch;

// A pattern of a rule, before it is known whether the scanner takes it as it is.
struct Wish {
  std::string text;
  bool caseless = false;
  std::size_t size = 0;  // of the tree that it was read as; 0: of none
  RuleRef rule{};
};

// The phrase as a pattern that means itself.
[[nodiscard]] std::string literal_pattern(std::string_view phrase);

class Database {
 public:
  Database();
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  // From the cache, or else compiled, which takes up to seconds. Never fails: what the scanner
  // cannot take is found in every text. Empty when `stop` is set.
  [[nodiscard]] static Database make(const std::vector<Wish>& wishes, const Cache& cache,
                                     const std::atomic<bool>& stop);

  // What tells it from others, with all that decides how it is made.
  [[nodiscard]] static std::string key_of(const std::vector<Wish>& wishes);

  // Adds the rules whose patterns stand in the text, each at most once for each of its patterns.
  // Any thread, with a scratch of its own that was grown for this database. False: the scan failed,
  // and nothing is known.
  [[nodiscard]] bool scan(std::string_view text, Scratch& scratch,
                          std::vector<RuleRef>& found) const;

  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Expression;
  struct Compiler;
  struct Large;
  [[nodiscard]] std::optional<std::string> packed() const;
  bool unpack(std::string_view in);
  void forget();  // what unpack may have left half done

  friend class Scratch;

  hs_database* database_ = nullptr;
  std::vector<RuleRef> rules_;    // by expression
  std::vector<RuleRef> always_;   // of what nothing takes
  std::unique_ptr<Large> large_;  // what is too large for the database; null: nothing
};

// What one thread needs to scan, and keeps of it.
class Scratch {
 public:
  Scratch() = default;
  // As large as the other one, and nothing kept yet.
  Scratch(const Scratch& like);
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();
  // Makes it large enough for this database too. Before the first scan.
  void grow(const Database& database);

 private:
  hs_scratch* scratch_ = nullptr;
  std::vector<std::pair<const Automaton*, std::unique_ptr<Automaton::States>>> states_;
  std::vector<std::uint32_t> found_;

  [[nodiscard]] Automaton::States& states_of(const Automaton& automaton);
  friend class Database;
};

}  // namespace sallyport::seclang
