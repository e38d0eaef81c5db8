// Finds out which rules of a phase can match at all, by looking at all texts at once.
//
// Patterns are grouped by where they look (arguments, headers, ...) and by alphabet, and each group
// is one database of the multi-pattern scanner. It answers for a superset: a rule that it leaves
// out cannot match; one that it names is evaluated exactly.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "seclang/engine/transaction.h"
#include "seclang/plan/alphabet.h"
#include "seclang/plan/cache.h"
#include "seclang/plan/candidates.h"
#include "seclang/plan/folding.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

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

  // What is to be evaluated in `phase` of this transaction.
  void scan(Transaction& transaction, int phase, Candidates& found) const;

  struct Size {
    std::size_t databases = 0;
    std::size_t bytes = 0;
    std::size_t scanned = 0;  // rules that are only evaluated when the scanner names them
    std::size_t always = 0;
  };
  [[nodiscard]] Size size() const;

 private:
  struct Group;
  struct Phase;
  struct Builder;
  struct Scratch;
  Scanner();
  template <typename Each>
  void for_each_database(Each each) const;
  static void add_texts(Transaction& transaction, const Group& group, std::string_view text,
                        Scratch& mine);

  std::array<std::unique_ptr<Phase>, 6> phases_;
  void* scratch_ = nullptr;  // what each thread's own is copied from
  std::uint64_t serial_ = 0;
};

}  // namespace sallyport::seclang
