// %{...} replaced by what it names at this moment.
#include <algorithm>
#include <span>
#include <vector>

#include "seclang/engine/transaction.h"

namespace sallyport::seclang {

std::string_view Transaction::expand(const Macro& macro, const Rule* rule) {
  if (macro.literal()) return macro.source();
  const std::vector<MacroPart>& parts = macro.parts();
  if (parts.size() == 1) return expand(parts.front(), rule);
  const std::span texts(arena_.array<std::string_view>(parts.size()), parts.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    texts[i] = expand(parts[i], rule);
    size += texts[i].size();
  }
  char* all = arena_.chars(size);
  char* end = all;
  for (std::string_view text : texts) end = std::ranges::copy(text, end).out;
  return {all, size};
}

std::string_view Transaction::expand(const MacroPart& part, const Rule* rule) {
  if (!part.variable) return part.text;
  if (*part.variable == Variable::rule) {
    if (rule == nullptr) return {};
    if (part.text == "id") return number(rule->id);
    if (part.text == "rev") return rule->rev;
    const LinkActions& actions = rule->chain.front().actions;
    if (part.text == "severity" && actions.severity) return number(*actions.severity);
    if (part.text == "msg") return expand(actions.msg, nullptr);
    if (part.text == "logdata") return expand(actions.logdata, nullptr);
    return {};
  }
  if (kind_of(*part.variable) == VariableKind::scalar) return scalar(*part.variable);
  if (*part.variable == Variable::tx && part.regex == nullptr && !part.text.empty()) {
    return tx(Name::hashed(part.text, part.hash));
  }
  Target target{.variable = *part.variable};
  target.selector.name = part.text;
  target.selector.hash = part.hash;
  target.selector.regex = part.regex;
  std::vector<Value> found;
  collect(target, found);
  return found.empty() ? std::string_view{} : found.front().text;
}

}  // namespace sallyport::seclang
