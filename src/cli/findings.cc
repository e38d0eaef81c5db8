#include "cli/findings.h"

#include <ostream>
#include <string>

#include "cli/paint.h"

namespace sallyport::cli {

void print_findings(const schema::Diagnostics& diagnostics, Terminal& terminal) {
  Paint paint(terminal);
  for (const schema::Diagnostic& each : diagnostics.sorted()) {
    std::string line = to_text(each);
    bool error = each.severity == schema::Severity::error;
    std::string_view word = error ? "error:" : "warning:";
    if (std::size_t at = line.find(word); at != std::string::npos) {
      line.replace(at, word.size(), error ? paint.bad(word) : paint.warn(word));
    }
    terminal.out << line << '\n';
  }
  if (diagnostics.dropped() > 0) {
    terminal.out << "and " << diagnostics.dropped() << " more\n";
  }
}

}  // namespace sallyport::cli
