#include "cli/load_answer.h"

#include <cstdlib>
#include <ostream>

#include "cli/findings.h"
#include "cli/paint.h"

namespace sallyport::cli {
namespace {

std::uint32_t number_of(const schema::Node& object, std::string_view key) {
  std::string text = text_of(object, key);
  return static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 10));
}

schema::Diagnostics findings_of(const schema::Node& answer) {
  schema::Diagnostics diagnostics;
  const schema::Node* findings = answer.find("findings");
  const schema::Node* list = findings != nullptr ? findings->find("diagnostics") : nullptr;
  if (list == nullptr) return diagnostics;
  for (const schema::Node& each : list->items) {
    bool error = text_of(each, "severity") == "error";
    diagnostics.add({.severity = error ? schema::Severity::error : schema::Severity::warning,
                     .file = text_of(each, "file"),
                     .line = number_of(each, "line"),
                     .column = number_of(each, "column"),
                     .path = text_of(each, "path"),
                     .message = text_of(each, "message"),
                     .suggestion = text_of(each, "suggestion"),
                     .code = text_of(each, "code")});
  }
  return diagnostics;
}

}  // namespace

int print_load(const AdminAnswer& answer, bool as_json, Terminal& terminal) {
  const bool taken = answer.status == 200;
  const std::optional<schema::Node> json = parse_json(answer.body);
  if (as_json) {
    terminal.out << answer.body;
  } else if (json) {
    print_findings(findings_of(*json), terminal);
    if (taken) {
      terminal.out << "revision " << text_of(*json, "revision") << " is in force\n";
    } else {
      terminal.err << "sallyport: " << printable(text_of(*json, "title"));
      const std::string detail = text_of(*json, "detail");
      if (!detail.empty()) terminal.err << " " << printable(detail);
      terminal.err << '\n';
    }
  }
  return taken && json ? kFine : kWrong;
}

}  // namespace sallyport::cli
