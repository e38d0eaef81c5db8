// See diagnostics_output.h.
#include "config/diagnostics_output.h"

#include <cstddef>
#include <map>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"

namespace sallyport::config {
namespace {

using schema::Diagnostic;
using schema::Severity;

std::string_view name_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

// A file name as a URI reference (RFC 3986): relative names stay relative.
std::string uri_of(std::string_view file) {
  return (file.starts_with('/') ? "file://" : "") + text::percent_encoded(file, "/");
}

std::string sentence(const Diagnostic& diagnostic) {
  std::string text = diagnostic.path.empty() ? "" : diagnostic.path + ": ";
  text += diagnostic.message + ".";
  if (!diagnostic.suggestion.empty()) text += " " + diagnostic.suggestion;
  return text;
}

void write_location(JsonWriter& json, const Diagnostic& diagnostic) {
  json.begin_object().key("physicalLocation").begin_object();
  json.key("artifactLocation").begin_object().string("uri", uri_of(diagnostic.file)).end_object();
  if (diagnostic.line > 0) {
    json.key("region").begin_object();
    json.number("startLine", diagnostic.line).number("startColumn", diagnostic.column);
    json.end_object();
  }
  json.end_object();
  if (!diagnostic.path.empty()) {
    json.key("logicalLocations").begin_array().begin_object();
    json.string("fullyQualifiedName", diagnostic.path);
    json.end_object().end_array();
  }
  json.end_object();
}

}  // namespace

std::string to_json(const schema::Diagnostics& diagnostics) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_object();
  json.number("errors", diagnostics.errors()).number("warnings", diagnostics.warnings());
  json.key("diagnostics").begin_array();
  for (const Diagnostic& diagnostic : diagnostics.sorted()) {
    json.begin_object();
    json.string("severity", name_of(diagnostic.severity)).string("file", diagnostic.file);
    json.number("line", diagnostic.line).number("column", diagnostic.column);
    json.string("path", diagnostic.path).string("message", diagnostic.message);
    json.string("suggestion", diagnostic.suggestion).string("code", diagnostic.code);
    json.end_object();
  }
  json.end_array().end_object();
  return out + '\n';
}

std::string to_sarif(const schema::Diagnostics& diagnostics, std::string_view version) {
  std::vector<Diagnostic> sorted = diagnostics.sorted();
  std::map<std::string, std::size_t> rules;
  for (const Diagnostic& diagnostic : sorted) rules.emplace(diagnostic.code, 0);
  std::size_t index = 0;
  for (auto& [code, position] : rules) position = index++;

  std::string out;
  JsonWriter json(out, 2);
  json.begin_object();
  json.string("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  json.string("version", "2.1.0");
  json.key("runs").begin_array().begin_object();
  json.key("tool").begin_object().key("driver").begin_object();
  json.string("name", "sallyport").string("version", version);
  json.key("rules").begin_array();
  for (const auto& [code, position] : rules) json.begin_object().string("id", code).end_object();
  json.end_array().end_object().end_object();
  json.string("columnKind", "unicodeCodePoints");
  json.key("results").begin_array();
  for (const Diagnostic& diagnostic : sorted) {
    json.begin_object();
    json.string("ruleId", diagnostic.code).number("ruleIndex", rules.at(diagnostic.code));
    json.string("level", name_of(diagnostic.severity));
    json.key("message").begin_object().string("text", sentence(diagnostic)).end_object();
    json.key("locations").begin_array();
    if (!diagnostic.file.empty()) write_location(json, diagnostic);
    json.end_array().end_object();
  }
  json.end_array().end_object().end_array().end_object();
  return out + '\n';
}

}  // namespace sallyport::config
