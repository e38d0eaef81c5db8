// `sallyport waf test`: what rules make of a request.
#include <algorithm>
#include <array>
#include <memory>
#include <ostream>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/input_file.h"
#include "cli/paint.h"
#include "cli/waf/inspection.h"
#include "cli/waf/loaded_rules.h"

namespace sallyport::cli {
namespace {

using waf::Inspection;
using waf::WebRequest;

struct Wanted {
  std::vector<std::string> urls;
  std::string file;
  std::string method;
  std::vector<std::string> headers;
  std::string data;
  bool has_data = false;
};

constexpr std::array kSeverities{"emergency", "alert",  "critical", "error",
                                 "warning",   "notice", "info",     "debug"};

bool has(const WebRequest& request, std::string_view name) {
  return request.header(name) != nullptr;
}

// What curl would send. Empty with a message: the flags are wrong.
std::optional<WebRequest> request_to(const std::string& url, const Wanted& wanted,
                                     Terminal& terminal) {
  WebRequest request;
  request.version = "1.1";
  request.method = !wanted.method.empty() ? wanted.method : wanted.has_data ? "POST" : "GET";
  std::string host = "localhost";
  request.uri = url;
  if (std::size_t scheme = url.find("://");
      scheme != std::string::npos && scheme < url.find_first_of("/?")) {
    std::size_t path = std::min(url.find_first_of("/?#", scheme + 3), url.size());
    host = url.substr(scheme + 3, path - scheme - 3);
    request.uri = url.substr(path);
  }
  request.uri = request.uri.substr(0, request.uri.find('#'));
  if (!request.uri.starts_with('/')) request.uri.insert(0, "/");
  // Nobody means to send them as they are; a file can.
  for (std::size_t at = 0; (at = request.uri.find(' ', at)) != std::string::npos;) {
    request.uri.replace(at, 1, "%20");
  }
  for (const std::string& line : wanted.headers) {
    std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0) {
      terminal.err << "sallyport: \"" << printable(line)
                   << "\" is no header; write 'Name: value'.\n";
      return std::nullopt;
    }
    request.headers.push_back(
        {.name = line.substr(0, colon),
         .value = std::string(text::trim(std::string_view(line).substr(colon + 1)))});
  }
  auto add = [&](const char* name, std::string value) {
    if (!has(request, name)) request.headers.push_back({.name = name, .value = std::move(value)});
  };
  add("Host", host);
  add("User-Agent", "sallyport/" + std::string(kVersion));
  add("Accept", "*/*");
  if (!wanted.has_data) return request;
  request.body = wanted.data;
  if (wanted.data.starts_with('@')) {
    std::optional<std::string> body = read_input(wanted.data.substr(1), terminal);
    if (!body) return std::nullopt;
    request.body = std::move(*body);
  }
  add("Content-Type", "application/x-www-form-urlencoded");
  add("Content-Length", std::to_string(request.body.size()));
  return request;
}

// TX's anomaly scores that are not zero; what a severity counts for is a setting and no score.
std::vector<std::pair<std::string, std::string>> scores_of(Inspection& inspection) {
  constexpr std::array<std::string_view, 4> kSettings{"critical_", "error_", "warning_", "notice_"};
  std::vector<std::pair<std::string, std::string>> scores;
  for (const seclang::Value& each : inspection.transaction().values(seclang::Variable::tx)) {
    std::string name = text::to_lower(each.key);
    bool score = name.ends_with("_score") || name.contains("_score_pl");
    bool setting = std::ranges::any_of(
        kSettings, [&](std::string_view severity) { return name.starts_with(severity); });
    if (score && !setting && text::to_number(each.text).value_or(0) != 0) {
      scores.emplace_back(name, each.text);
    }
  }
  std::ranges::sort(scores);
  return scores;
}

std::string severity_of(const seclang::Match& match) {
  if (!match.severity || *match.severity < 0 || *match.severity > 7) return {};
  return kSeverities.at(static_cast<std::size_t>(*match.severity));
}

void print_match(const seclang::Match& match, const Paint& paint, Terminal& terminal) {
  std::string severity = severity_of(match);
  terminal.out << "  " << paint.bold(std::to_string(match.rule->id));
  if (!severity.empty()) {
    terminal.out << ' ' << (*match.severity <= 3 ? paint.bad(severity) : paint.warn(severity));
  }
  terminal.out << ' ' << printable(match.message) << '\n';
  auto line = [&](std::string_view label, const std::string& text) {
    terminal.out << "    " << paint.faint(padded(label, 10)) << text << '\n';
  };
  if (!match.variable.empty()) {
    line("where", printable(match.variable) + " = " + printable(match.value));
  }
  if (!match.data.empty()) line("data", printable(match.data));
  std::string tags;
  for (std::string_view tag : match.tags) tags += (tags.empty() ? "" : ", ") + printable(tag);
  if (!tags.empty()) line("tags", tags);
  line("rule", printable(match.rule->file) + ":" + std::to_string(match.rule->line) + ", phase " +
                   std::to_string(match.phase));
}

void print_text(Inspection& inspection, Terminal& terminal) {
  Paint paint(terminal);
  const WebRequest& request = inspection.request();
  terminal.out << paint.bold(printable(request.method + " " + request.uri)) << '\n';
  for (const seclang::Match& match : inspection.matches()) print_match(match, paint, terminal);
  std::string scores;
  for (const auto& [name, value] : scores_of(inspection)) {
    scores += (scores.empty() ? "" : ", ") + printable(name) + " " + printable(value);
  }
  if (!scores.empty()) terminal.out << "  " << paint.faint(padded("scores", 12)) << scores << '\n';
  terminal.out << "  " << paint.faint(padded("verdict", 12));
  if (!inspection.intervention()) {
    terminal.out << paint.good("passes") << '\n';
    return;
  }
  const seclang::Intervention& end = *inspection.intervention();
  terminal.out << paint.bad("refused") << " with " << end.status;
  if (end.rule != nullptr) terminal.out << " by rule " << end.rule->id;
  if (!end.redirect.empty()) terminal.out << ", sent to " << printable(end.redirect);
  if (end.drop) terminal.out << ", connection closed";
  if (!end.reason.empty()) terminal.out << ": " << printable(end.reason);
  terminal.out << '\n';
}

void write_match(JsonWriter& json, const seclang::Match& match) {
  json.begin_object().number("id", match.rule->id).string("msg", match.message);
  json.string("severity", severity_of(match)).string("variable", match.variable);
  json.string("value", match.value).string("data", match.data).key("tags").begin_array();
  for (std::string_view tag : match.tags) json.string(tag);
  json.end_array().number("phase", match.phase).string("file", match.rule->file);
  json.number("line", match.rule->line).end_object();
}

// One line for each request.
std::string to_json(Inspection& inspection) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().string("method", inspection.request().method);
  json.string("uri", inspection.request().uri).key("matches").begin_array();
  for (const seclang::Match& match : inspection.matches()) write_match(json, match);
  json.end_array().key("scores").begin_object();
  for (const auto& [name, value] : scores_of(inspection)) {
    json.number(name, text::to_number(value).value_or(0));
  }
  json.end_object();
  json.string("verdict", inspection.intervention() ? "refused" : "passes");
  if (inspection.intervention()) {
    const seclang::Intervention& end = *inspection.intervention();
    json.number("status", end.status).string("reason", end.reason);
    if (end.rule != nullptr) json.number("rule", end.rule->id);
  }
  json.end_object();
  return text;
}

std::optional<std::vector<WebRequest>> requests_of(const Wanted& wanted, Terminal& terminal) {
  std::vector<WebRequest> requests;
  if (!wanted.file.empty()) {
    const std::optional<std::string> bytes = read_input(wanted.file, terminal);
    if (!bytes) return std::nullopt;
    requests.push_back(waf::read_request(*bytes));
  }
  for (const std::string& url : wanted.urls) {
    std::optional<WebRequest> request = request_to(url, wanted, terminal);
    if (!request) return std::nullopt;
    requests.push_back(std::move(*request));
  }
  if (requests.empty()) {
    terminal.err << "sallyport: which request? Name a URL, or a file with --request.\n";
    return std::nullopt;
  }
  return requests;
}

int test(const Wanted& wanted, const waf::RulesWanted& rules, const std::string& output,
         Terminal& terminal) {
  std::optional<std::vector<WebRequest>> requests = requests_of(wanted, terminal);
  if (!requests) return kWrong;
  std::shared_ptr<const seclang::RuleSet> loaded = waf::load_rules(rules, terminal);
  if (loaded == nullptr) return kWrong;
  seclang::SharedCollections shared;
  bool refused = false;
  for (WebRequest& request : *requests) {
    auto inspection = std::make_unique<Inspection>(*loaded, shared, std::move(request));
    inspection->inspect_request();
    inspection->finish();
    if (output == "json") {
      terminal.out << to_json(*inspection) << '\n';
    } else {
      print_text(*inspection, terminal);
    }
    refused = refused || inspection->intervention().has_value();
  }
  return refused ? kFindings : kFine;
}

}  // namespace

void add_waf_test(CLI::App& family, Session& session) {
  Command command(family, session, "test",
                  "Say what rules make of a request; the exit status is 1 if they refuse it");
  Value<std::vector<std::string>> urls =
      command.list("url", "URL", "Address the request would be sent to; nothing is sent");
  Value<std::vector<std::string>> rules = command.rules();
  Value<std::string> paranoia = command.choice("--paranoia", {"1", "2", "3", "4"},
                                               "Paranoia level (default: as the rules say)");
  Value<std::string> file =
      command.option("--request", "FILE", "Whole request as it would be sent; - reads it");
  Value<std::string> method = command.option("-X,--method", "METHOD", "Method");
  Value<std::vector<std::string>> headers =
      command.list("-H,--header", "HEADER", "Header, as 'Name: value'");
  Value<std::vector<std::string>> data =
      command.list("-d,--data", "BODY", "Body, or @FILE; several are joined by &");
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport waf test --rules coreruleset '/?id=1 or 1=1'",
                    "sallyport waf test -d 'q=<script>' http://api.example.com/search",
                    "sallyport waf test --request request.txt --output json"});
  command.action([=, &session] {
    Wanted wanted{.urls = *urls, .file = *file, .method = *method, .headers = *headers};
    for (const std::string& each : *data) {
      wanted.data += (wanted.has_data ? "&" : "") + each;
      wanted.has_data = true;
    }
    return test(wanted, {.paths = *rules, .paranoia = *paranoia, .last = "SecRuleEngine On\n"},
                *output, session.terminal);
  });
}

}  // namespace sallyport::cli
