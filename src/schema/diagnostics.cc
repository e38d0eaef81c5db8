// See diagnostics.h.
#include "schema/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace sallyport::schema {
namespace {

// Messages may quote the file: control characters must not reach a terminal or break the line.
void append_printable(std::string& out, std::string_view s) {
  for (char c : s) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      text::append_hex(out, byte);
    } else {
      out += c;
    }
  }
}

Diagnostic make(Severity severity, const Where& where, std::string message, std::string suggestion,
                std::string_view code) {
  return {.severity = severity,
          .file = where.mark.file ? *where.mark.file : std::string(),
          .line = where.mark.line,
          .column = where.mark.column,
          .path = where.path,
          .message = std::move(message),
          .suggestion = std::move(suggestion),
          .code = std::string(code)};
}

}  // namespace

std::string to_text(const Diagnostic& diagnostic) {
  std::string out;
  append_printable(out, diagnostic.file);
  if (diagnostic.line > 0) {
    out += ':' + std::to_string(diagnostic.line) + ':' + std::to_string(diagnostic.column);
  }
  if (!out.empty()) out += ": ";
  out += diagnostic.severity == Severity::error ? "error: " : "warning: ";
  if (!diagnostic.path.empty()) {
    append_printable(out, diagnostic.path);
    out += ": ";
  }
  append_printable(out, diagnostic.message);
  if (!diagnostic.suggestion.empty()) {
    out += ". ";
    append_printable(out, diagnostic.suggestion);
  }
  return out;
}

void Diagnostics::add(Diagnostic diagnostic) {
  (diagnostic.severity == Severity::error ? errors_ : warnings_) += 1;
  if (list_.size() < kMost) list_.push_back(std::move(diagnostic));
}

void Diagnostics::error(const Where& where, std::string message, std::string suggestion,
                        std::string_view code) {
  add(make(Severity::error, where, std::move(message), std::move(suggestion), code));
}

void Diagnostics::warning(const Where& where, std::string message, std::string suggestion,
                          std::string_view code) {
  add(make(Severity::warning, where, std::move(message), std::move(suggestion), code));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> list = list_;
  std::ranges::sort(list, [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.file, a.line, a.column, a.path, a.message) <
           std::tie(b.file, b.line, b.column, b.path, b.message);
  });
  return list;
}

std::string Diagnostics::to_text() const {
  std::string out;
  for (const Diagnostic& diagnostic : sorted()) out += schema::to_text(diagnostic) + '\n';
  if (dropped() > 0) out += "and " + std::to_string(dropped()) + " more\n";
  return out;
}

std::optional<std::string> nearest_name(std::string_view word,
                                        const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (text::equals_ignoring_case(word, name)) return name;
  }
  return text::nearest(word, names);
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  std::optional<std::string> nearest = nearest_name(word, candidates);
  return nearest ? "Did you mean \"" + *nearest + "\"?" : std::string();
}

}  // namespace sallyport::schema
