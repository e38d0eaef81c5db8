// A rule set made ready to run: what was found out about it beforehand. Immutable, shared by all
// threads, thrown away when the rules change.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "seclang/engine/key_store.h"
#include "seclang/plan/cache.h"
#include "seclang/plan/folding.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

class Scanner;

// TX as every transaction begins with it.
struct TxImage {
  TxImage(const RuleSet& rules, const Folding& folding);
  Arena arena{{}};
  KeyStore values{arena};
  // Which of the values, by index, a rule's regular expression finds by their names.
  std::unordered_map<const Regex*, std::vector<std::uint32_t>> found;

 private:
  void look_for(const Regex& regex);
};

struct Plan {
  std::shared_ptr<const RuleSet> rules;
  Folding folding;
  std::unique_ptr<const TxImage> tx;
  // Finds the rules that can match at all; null while it is being made: then all are evaluated.
  std::shared_ptr<const Scanner> scanner;
};

// Every rule is evaluated one after the other, as written: what all else is measured against.
[[nodiscard]] std::shared_ptr<const Plan> plain_plan(std::shared_ptr<const RuleSet> rules);
// With constants folded, which costs milliseconds; no scanner.
[[nodiscard]] std::shared_ptr<const Plan> folded_plan(std::shared_ptr<const RuleSet> rules);
// A folded plan with its scanner; takes seconds unless the cache has it. Null: `stop` was set
// meanwhile.
[[nodiscard]] std::shared_ptr<const Plan> full_plan(const Plan& folded, const Cache& cache,
                                                    const std::atomic<bool>& stop);

}  // namespace sallyport::seclang
