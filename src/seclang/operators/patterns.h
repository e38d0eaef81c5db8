// The regular expression of a rule: compiled when the rule is loaded, or, where macros stand in it,
// once for each text they expand to. Internal to this folder.
#pragma once

#include <optional>

#include "seclang/operators/operator.h"
#include "seclang/regex.h"

namespace sallyport::seclang {

class Pattern {
 public:
  [[nodiscard]] static std::expected<Pattern, std::string> make(const OperatorSource& source);

  // An empty pattern without macros: matches everything and captures nothing.
  [[nodiscard]] bool matches_all() const { return !fixed_ && !has_macros_; }
  // What to search with; null if the expanded text is no regular expression. Valid until the same
  // thread calls `get` again. Not to be called if `matches_all()`.
  [[nodiscard]] const Regex* get(const Evaluation& evaluation) const;

 private:
  std::optional<Regex> fixed_;
  bool has_macros_ = false;
  std::uint32_t match_limit_ = 0;
};

}  // namespace sallyport::seclang
