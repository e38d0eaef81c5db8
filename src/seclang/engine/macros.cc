// %{...} replaced by what it names at this moment.
#include <cstring>

#include "seclang/engine/transaction.h"

namespace sallyport::seclang {

std::string_view Transaction::expand(const Macro& macro, const Rule* rule) {
  if (macro.literal()) return macro.source();
  std::string text;
  for (const MacroPart& part : macro.parts()) {
    if (!part.variable) {
      text += part.text;
      continue;
    }
    if (*part.variable == Variable::rule) {
      if (rule == nullptr) continue;
      if (part.text == "id") text += std::to_string(rule->id);
      if (part.text == "rev") text += rule->rev;
      if (part.text == "severity") {
        const std::optional<int>& severity = rule->chain.front().actions.severity;
        if (severity) text += std::to_string(*severity);
      }
      if (part.text == "msg") text += expand(rule->chain.front().actions.msg, nullptr);
      if (part.text == "logdata") text += expand(rule->chain.front().actions.logdata, nullptr);
      continue;
    }
    if (kind_of(*part.variable) == VariableKind::scalar) {
      text += scalar(*part.variable);
      continue;
    }
    Target target{.variable = *part.variable};
    target.selector.name = part.text;
    target.selector.regex = part.regex;
    std::vector<Value> found;
    collect(target, found);
    if (!found.empty()) text += found.front().text;
  }
  return arena_.copy(text);
}

}  // namespace sallyport::seclang
