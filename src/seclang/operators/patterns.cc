#include "seclang/operators/patterns.h"

#include <array>

namespace sallyport::seclang {
namespace {

// The expansions that one thread met last. What they hold comes from requests, hence the bound.
class Recent {
 public:
  const Regex* get(std::string_view pattern, std::uint32_t match_limit) {
    for (const Entry& entry : entries_) {
      if (entry.used && entry.match_limit == match_limit && entry.pattern == pattern) {
        return entry.regex ? &*entry.regex : nullptr;
      }
    }
    Entry& entry = entries_[next_++ % entries_.size()];
    entry.used = true;
    entry.pattern = pattern;
    entry.match_limit = match_limit;
    entry.regex.reset();
    // As in ModSecurity, a pattern that expands to nothing finds everything.
    auto compiled = Regex::compile(pattern.empty() ? ".*" : pattern, {.match_limit = match_limit});
    if (!compiled) return nullptr;
    return &entry.regex.emplace(std::move(*compiled));
  }

 private:
  struct Entry {
    bool used = false;
    std::uint32_t match_limit = 0;
    std::string pattern;
    std::optional<Regex> regex;  // absent: does not compile
  };
  std::array<Entry, 16> entries_;
  std::size_t next_ = 0;
};

}  // namespace

std::expected<Pattern, std::string> Pattern::make(const OperatorSource& source) {
  Pattern pattern;
  pattern.has_macros_ = source.has_macros;
  pattern.match_limit_ = source.match_limit;
  if (!source.has_macros && !source.argument.empty()) {
    auto compiled = Regex::compile(source.argument, {.match_limit = source.match_limit});
    if (!compiled) return std::unexpected(compiled.error());
    pattern.fixed_ = std::move(*compiled);
  }
  return pattern;
}

const Regex* Pattern::get(const Evaluation& evaluation) const {
  if (fixed_) return &*fixed_;
  thread_local Recent recent;
  return recent.get(evaluation.argument, match_limit_);
}

}  // namespace sallyport::seclang
