#include "seclang/audit/json_log.h"

#include <array>
#include <ctime>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/version.h"
#include "seclang/audit/error_line.h"

namespace sallyport::seclang {
namespace {

std::string_view mode_name(EngineMode mode) {
  switch (mode) {
    case EngineMode::off:
      return "Disabled";
    case EngineMode::on:
      return "Enabled";
    case EngineMode::detection_only:
      return "DetectionOnly";
  }
  return {};
}

// "Sun Nov 22 03:41:38 2026"
std::string time_text(std::int64_t seconds) {
  std::tm local{};
  std::time_t time = seconds;
  localtime_r(&time, &local);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Y", &local)};
}

// A name stands once: JSON readers keep only one of several. Values are joined by a comma.
void write_headers(JsonWriter& json, std::span<const Field> headers) {
  json.key("headers").begin_object();
  for (std::size_t i = 0; i < headers.size(); ++i) {
    auto same = [&](std::size_t other) {
      return text::equals_ignoring_case(headers[other].name, headers[i].name);
    };
    bool written = false;
    for (std::size_t before = 0; before < i && !written; ++before) written = same(before);
    if (written) continue;
    std::string value(headers[i].value);
    for (std::size_t behind = i + 1; behind < headers.size(); ++behind) {
      if (same(behind)) value.append(", ").append(headers[behind].value);
    }
    json.string(headers[i].name, value);
  }
  json.end_object();
}

void write_message(JsonWriter& json, const Match& match) {
  const Rule& rule = *match.rule;
  json.begin_object().string("message", match.message).key("details").begin_object();
  json.string("match", match_text(match)).string("reference", match.reference);
  json.string("ruleId", std::to_string(rule.id)).string("file", rule.file);
  json.string("lineNumber", std::to_string(rule.line)).string("data", match.data);
  json.string("severity", std::to_string(match.severity.value_or(0)));
  json.string("ver", rule.ver).string("rev", rule.rev).key("tags").begin_array();
  for (std::string_view tag : match.tags) json.string(tag);
  json.end_array();
  json.string("maturity", std::to_string(rule.maturity));
  json.string("accuracy", std::to_string(rule.accuracy)).end_object().end_object();
}

void write_request(JsonWriter& json, const AuditRecord& record) {
  json.key("request").begin_object();
  json.string("method", record.method.empty() ? "-" : record.method);
  // A number, as ModSecurity writes it, where it is one.
  bool number = record.version.size() == 3 && record.version[1] == '.' &&
                text::to_number(record.version.substr(0, 1)) &&
                text::to_number(record.version.substr(2));
  if (number) {
    json.raw("http_version", record.version);
  } else {
    json.string("http_version", record.version);
  }
  json.string("uri", record.uri);
  if (record.parts.contains('C')) json.string("body", record.request_body);
  if (record.parts.contains('B')) write_headers(json, record.request_headers);
  json.end_object();
}

}  // namespace

std::string json_log(const AuditRecord& record) {
  std::string line;
  JsonWriter json(line);
  json.begin_object().key("transaction").begin_object();
  json.string("client_ip", record.client).string("time_stamp", time_text(record.seconds));
  json.string("server_id", record.server_id).number("client_port", record.client_port);
  json.string("host_ip", record.server).number("host_port", record.server_port);
  json.string("unique_id", record.unique_id);
  write_request(json, record);
  json.key("response").begin_object();
  if (record.parts.contains('E')) json.string("body", record.response_body);
  json.number("http_code", record.status);
  if (record.parts.contains('F')) write_headers(json, record.response_headers);
  json.end_object();
  if (record.parts.contains('H')) {
    json.key("producer").begin_object();
    json.string("modsecurity", "Sallyport " + std::string(kVersion)).string("connector", "");
    json.string("secrules_engine", mode_name(record.mode));
    json.key("components").begin_array();
    text::for_each_element(record.components, [&](std::string_view each) { json.string(each); });
    json.end_array().end_object();
    json.key("messages").begin_array();
    for (const Match& match : record.matches) {
      if (match.rule->audit) write_message(json, match);
    }
    json.end_array();
  }
  json.end_object().end_object();
  line += '\n';
  return line;
}

}  // namespace sallyport::seclang
