// Policies made from their blocks, each block once, and what applies where: of the blocks for one
// policy the innermost, whole.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "config/building.h"
#include "policy/pipeline.h"
#include "policy/registry.h"

namespace sallyport::config {

class PolicyBlocks {
 public:
  using Blocks = std::vector<schema::Block>;

  // Makes every policy of the file and reports what is wrong with any; `b` must outlive this.
  explicit PolicyBlocks(Building& b);

  // The policies of a route, given the blocks around it from the innermost to the outermost.
  [[nodiscard]] std::vector<PlacedPolicy> placed(std::span<const Blocks* const> levels) const;

 private:
  void make(const PolicyType& type, const schema::Block& block);
  void make_all(const Blocks& blocks);
  void make_default(const PolicyType& type);

  Building& b_;
  schema::LoadScope scope_;
  // Without a policy where it is off, or wrong.
  std::unordered_map<const schema::Block*, PlacedPolicy> made_;
  std::unordered_map<const PolicyType*, PlacedPolicy> defaults_;
};

}  // namespace sallyport::config
