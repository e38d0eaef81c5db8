// Finds out which rules can match at all, by looking at every text once.
//
// Patterns are grouped by where they look (arguments, headers, ...) and by alphabet, and each group
// is one database of the multi-pattern scanner; operators that are no patterns are asked one by
// one. What came of short texts is remembered. The answer is a superset: a rule that it leaves out
// cannot match; one that it names is evaluated exactly.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "seclang/plan/cache.h"
#include "seclang/plan/candidates.h"
#include "seclang/plan/folding.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

class Database;
class Scratch;
class Transaction;

class Scanner {
 public:
  // Takes seconds, with a warm cache milliseconds. Never fails: what the scanner cannot take is
  // always evaluated. Null: `stop` was set meanwhile, which is looked at between databases.
  [[nodiscard]] static std::shared_ptr<const Scanner> build(const RuleSet& rules,
                                                            const Folding& folding,
                                                            const Cache& cache,
                                                            const std::atomic<bool>& stop);
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  // Looks at what has come since the last time, so that the transaction knows its candidates of
  // `phase` (1 to 4). Any thread.
  void scan(Transaction& transaction, int phase) const;

  struct Size {
    std::size_t databases = 0;
    std::size_t bytes = 0;
    std::size_t scanned = 0;  // rules that are only evaluated when the scanner names them
    std::size_t always = 0;
  };
  [[nodiscard]] Size size() const;

 private:
  struct Group;
  struct Question;
  struct Source;
  struct Builder;
  class Sources;
  struct Memory;  // of one thread
  class Look;
  class Forms;
  static constexpr std::uint32_t kNoSource = ~0U;

  Scanner();
  void look(Transaction& transaction, int until) const;

  std::vector<std::shared_ptr<const Database>> databases_;  // all, each once
  std::vector<Group> groups_;
  std::vector<Source> sources_;
  // Of names, values and so on: which source; kNoSource: no rule looks there.
  struct Fields {
    std::uint32_t values = kNoSource;
    std::uint32_t names = kNoSource;
  };
  Fields arguments_, cookies_, headers_, response_headers_;
  // Values of headers that some rule names, by name in lower case.
  using Named = std::vector<std::pair<std::string, std::uint32_t>>;
  Named named_headers_, named_response_headers_;
  std::array<std::vector<std::uint32_t>, 5> others_;  // by station: all else
  // By phase: candidates of every transaction. Behind the places of rules come those of the second
  // and further conditions that some have.
  std::array<std::vector<std::uint64_t>, 5> always_;
  struct Further {
    std::uint32_t rule;  // by place
    std::uint32_t condition;
  };
  std::array<std::vector<Further>, 5> further_;
  std::size_t always_count_ = 0;
  std::size_t scanned_count_ = 0;
  std::unique_ptr<Scratch> scratch_;  // what each thread's own is copied from
  std::uint64_t serial_ = 0;
};

}  // namespace sallyport::seclang
