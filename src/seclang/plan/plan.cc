#include "seclang/plan/plan.h"

#include <utility>

#include "seclang/plan/scanner.h"

namespace sallyport::seclang {

std::shared_ptr<const Plan> plain_plan(std::shared_ptr<const RuleSet> rules) {
  Folding folding = unfolded(*rules);
  return std::make_shared<Plan>(
      Plan{.rules = std::move(rules), .folding = std::move(folding), .scanner = nullptr});
}

std::shared_ptr<const Plan> folded_plan(std::shared_ptr<const RuleSet> rules) {
  Folding folding = fold(*rules);
  return std::make_shared<Plan>(
      Plan{.rules = std::move(rules), .folding = std::move(folding), .scanner = nullptr});
}

std::shared_ptr<const Plan> full_plan(std::shared_ptr<const RuleSet> rules, const Cache& cache) {
  Folding folding = fold(*rules);
  std::shared_ptr<const Scanner> scanner = Scanner::build(*rules, folding, cache);
  return std::make_shared<Plan>(Plan{
      .rules = std::move(rules), .folding = std::move(folding), .scanner = std::move(scanner)});
}

}  // namespace sallyport::seclang
