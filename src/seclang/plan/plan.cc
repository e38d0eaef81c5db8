#include "seclang/plan/plan.h"

#include <utility>

#include "seclang/plan/scanner.h"

namespace sallyport::seclang {
namespace {

std::shared_ptr<const Plan> make(std::shared_ptr<const RuleSet> rules, Folding folding,
                                 std::shared_ptr<const Scanner> scanner) {
  auto tx = std::make_unique<const TxImage>(*rules, folding);
  return std::make_shared<Plan>(Plan{.rules = std::move(rules),
                                     .folding = std::move(folding),
                                     .tx = std::move(tx),
                                     .scanner = std::move(scanner)});
}

}  // namespace

TxImage::TxImage(const RuleSet& rules, const Folding& folding) {
  for (const auto& [name, value] : folding.tx) values.set(name, value);
  for (const std::deque<Rule>& phase : rules.phases) {
    for (const Rule& rule : phase) {
      for (const Link& link : rule.chain) {
        for (const Target& target : link.targets) {
          if (target.variable == Variable::tx && target.selector.regex != nullptr) {
            look_for(*target.selector.regex);
          }
        }
      }
    }
  }
}

void TxImage::look_for(const Regex& regex) {
  std::vector<std::uint32_t>& indices = found[&regex];
  indices.clear();
  for (std::uint32_t i = 0; i < values.entries().size(); ++i) {
    if (regex.search(values.entries()[i].name, nullptr) == Regex::Outcome::matched) {
      indices.push_back(i);
    }
  }
}

std::shared_ptr<const Plan> plain_plan(std::shared_ptr<const RuleSet> rules) {
  Folding folding = unfolded(*rules);
  return make(std::move(rules), std::move(folding), nullptr);
}

std::shared_ptr<const Plan> folded_plan(std::shared_ptr<const RuleSet> rules) {
  Folding folding = fold(*rules);
  return make(std::move(rules), std::move(folding), nullptr);
}

std::shared_ptr<const Plan> full_plan(const Plan& folded, const Cache& cache,
                                      const std::atomic<bool>& stop) {
  std::shared_ptr<const Scanner> scanner =
      Scanner::build(*folded.rules, folded.folding, cache, stop);
  if (scanner == nullptr) return nullptr;
  return make(folded.rules, folded.folding, std::move(scanner));
}

}  // namespace sallyport::seclang
