// Whole transactions as ModSecurity's own regression suite has them: rules, a request and its
// response, and what must come of it. What it expects of a debug log is looked for in a trace of
// the evaluation, where values, names and outcomes stand in the same form.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "base/arena.h"
#include "seclang/audit/error_line.h"
#include "seclang/engine/transaction.h"
#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"
#include "seclang/regex.h"
#include "seclang/test_corpus.h"

namespace sallyport::seclang {
namespace {

using corpus::Json;

std::string capitalised(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::toupper(text.front()));
  return text;
}

std::string printable(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 32 && byte <= 126) {
      out += c;
    } else {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out.size() > 80
             ? out.substr(0, 80) + " (" + std::to_string(out.size() - 80) + " characters omitted)"
             : out;
}

// Writes what happens in the words that the suite looks for.
class Trace final : public Observer {
 public:
  explicit Trace(const RuleSet* of) : rules(of) {
    for (const RemovedRule& rule : of->removed) {
      text += "Skipped rule id '" + std::to_string(rule.id) + "'. Removed by ";
      text += rule.directive == "SecRuleRemoveById" ? "an SecRuleRemove"
                                                    : "a " + std::string(rule.directive);
      text += " directive.\n";
    }
  }
  const RuleSet* rules;
  std::string text;

  void begins(const Rule& rule, const Link& link, std::string_view argument) override {
    link_ = &link;
    schema_ = argument;
    text += "(Rule: " + std::to_string(rule.id) + ") Executing operator \"" +
            capitalised(link.operator_name) + "\" with param \"" + std::string(argument) + "\"";
    if (!link.argument.literal()) text += " Was: \"" + link.argument.source() + "\"";
    text += " against ";
    bool first = true;
    for (const Target& target : link.targets) {
      if (!first) text += '|';
      first = false;
      if (target.exclude) text += '!';
      if (target.count) text += '&';
      text += name_of(target.variable);
      if (!target.selector.text.empty()) text += ":" + target.selector.text;
    }
    text += ".\n";
    step_ = 0;
    for (const Target& target : link.targets) {
      for (const auto& [prefix, uri] : target.selector.namespaces) {
        text += "Registered XML namespace href \"" + uri + "\" prefix \"" + prefix + "\"\n";
      }
    }
  }
  void transformed(const Transformation& /*by*/, std::string_view result) override {
    text += "[9]  T (" + std::to_string(step_) + ") " + name_as_written(step_) + ": \"" +
            std::string(result.substr(0, 80)) + "\"\n";
    ++step_;
  }
  void looks_at(std::string_view name, std::string_view value) override {
    text += " Target value: \"" + printable(value) + "\" (Variable: " + std::string(name) + ")\n";
    step_ = 0;
  }
  void decided(const Rule& rule, const Link& link, bool matched) override {
    if (link.op == nullptr) text += "Executing unconditional rule...\n";
    if (link.operator_name.starts_with("validate")) validated(link, matched);
    text += matched ? " Rule returned 1.\n" : " Rule returned 0.\n";
    if (!matched) return;
    if (rule.log) text += "Running action: log\n";
    Disruptive how = rule.disruptive;
    if (how == Disruptive::block) {
      how = rules->defaults.at(static_cast<std::size_t>(rule.phase)).disruptive;
    }
    static const std::map<Disruptive, std::string_view> kNames = {
        {Disruptive::deny, "deny"},
        {Disruptive::drop, "drop"},
        {Disruptive::pass, "pass"},
        {Disruptive::block, "block"},
        {Disruptive::redirect, "redirect"}};
    if (auto name = kNames.find(how); name != kNames.end()) {
      text.append("[8] Running action ").append(name->second).append("\n");
    }
  }
  void captured(std::size_t group, std::string_view value) override {
    text += "Added regex subexpression TX." + std::to_string(group) + ": " + std::string(value) +
            "\nAdded DetectSQLi match TX." + std::to_string(group) + ": " + std::string(value) +
            "\nAdded VerifyCC match TX." + std::to_string(group) + ": " + std::string(value) +
            "\nAdded VerifyCPF match TX." + std::to_string(group) + ": " + std::string(value) +
            "\nAdded VerifySSN match TX." + std::to_string(group) + ": " + std::string(value) +
            "\nAdded VerifySVNR match TX." + std::to_string(group) + ": " + std::string(value) +
            "\n";
  }
  void saved(std::string_view name, std::string_view value) override {
    text += "Saving variable: " + std::string(name) + " with value: " + std::string(value) + "\n";
  }
  void says(std::string_view message) override {
    text += "Saving msg: " + std::string(message) + "\n";
  }
  void tagged(std::string_view tag) override { text += "Rule tag: " + std::string(tag) + "\n"; }
  void controlled(const Control& control) override {
    if (const auto* engine = std::get_if<ControlRuleEngine>(&control)) {
      static constexpr std::array<std::string_view, 3> kModes = {"Disabled", "Enabled",
                                                                 "DetectionOnly"};
      text.append("Setting SecRuleEngine to ")
          .append(kModes.at(static_cast<std::size_t>(engine->mode)))
          .append(" as requested by a ctl:ruleEngine action\n");
    }
  }
  void set_environment(std::string_view name, std::string_view value) override {
    text.append("Setting environment variable: ").append(name).append(" to ").append(value);
    text += '\n';
  }
  void limited(const Link& link) override {
    text += "rx: regex error 'MATCH_LIMIT' for pattern '" + link.argument.source() + "'\n";
  }
  void skipped(const Rule& rule) override {
    text += "[9] Skipped rule id '" + std::to_string(rule.id) + "' due to a `skip' action.\n";
  }
  void allowed(const Rule& rule) override {
    text += "Skipped rule id 'action-allow.json:" + std::to_string(rule.line + 1) +
            "' as request trough the utilization of an `allow' action\n"
            "Dropping the evaluation of upcoming rules in favor of an `allow' action\n";
  }
  void removed(const Rule& rule) override {
    const std::string id = std::to_string(rule.id);
    text += "Rule id: " + id + " was skipped due to a ruleRemoveById action...\n";
    text += "Skipped rule id '" + id + "'. Skipped due to a ruleRemoveByTag action.\n";
  }

  void too_many_arguments() override { text += "Skipping request argument, over limit\n"; }

  void body_failed(std::string_view message) override {
    text.append(message).append("\n");
    if (message.contains("(-21)")) text += "Multipart: Warning: no filename= but filename*.\n";
  }
  void boundary(std::string_view boundary, bool parameter_behind) override {
    if (parameter_behind) {
      text += "Multipart: Invalid parameter after boundary in C-T (tolerated).\n";
    }
    text.append("Multipart: Boundary: ").append(boundary).append("\n");
  }
  void disposition(std::string_view parameter, std::string_view value, bool again) override {
    text.append(again ? "Multipart: Warning: Duplicate Content-Disposition "
                      : "Multipart: Content-Disposition ");
    text.append(parameter).append(": ").append(value).append(".\n");
  }
  void field_content(std::string_view line) override {
    text.append("Multipart: Added data to variable: ").append(line).append("\n");
  }
  void part(std::string_view name, std::string_view filename, std::string_view content,
            std::size_t offset) override {
    text += name.empty()       ? "Multipart: Skipping invalid part (part name missing): "
            : filename.empty() ? "Multipart: Added part to the list: "
                               : "Multipart: Added file part to the list: ";
    if (!name.empty()) text.append("name \"").append(name).append("\" ");
    if (!filename.empty()) text.append("file name \"").append(filename).append("\" ");
    text +=
        "(offset " + std::to_string(offset) + ", length " + std::to_string(content.size()) + ")\n";
  }
  void multipart_read(const MultipartFlags& flags) override {
    auto warn = [&](bool set, std::string_view what) {
      if (set) text.append("Multipart: Warning: ").append(what).append(".\n");
    };
    warn(flags.data_before, "seen data before first boundary");
    warn(flags.data_after, "seen data after last boundary");
    warn(flags.boundary_quoted, "boundary was quoted");
    warn(flags.boundary_whitespace, "boundary whitespace in C-T header");
    warn(flags.header_folding, "header folding used");
    warn(flags.crlf_lf_lines, "mixed line endings used (CRLF/LF)");
    warn(flags.lf_line && !flags.crlf_lf_lines, "incorrect line endings used (LF)");
    warn(flags.missing_semicolon, "missing semicolon in C-T header");
    warn(flags.invalid_quoting, "invalid quoting used");
    warn(flags.invalid_part, "invalid part parsing");
    warn(flags.invalid_header_folding, "invalid header folding used");
  }
  void xml_fault(std::string_view message) override {
    text.append("XML Error: ").append(message).append("\n");
  }

  // Of the transaction, not of a rule.
  void phase(std::string_view name, EngineMode mode) {
    text.append("Starting phase ").append(name).append(".\n");
    if (mode == EngineMode::off) text += "Rule engine disabled, returning...\n";
  }
  bool well_formed = true;

 private:
  // Names of transformations stand in the log as the rule has them.
  [[nodiscard]] std::string name_as_written(int step) const {
    std::string_view rest = link_->transformations_text;
    for (; step > 0; --step) rest.remove_prefix(std::min(rest.find(',') + 1, rest.size()));
    return std::string(rest.substr(0, rest.find(',')));
  }
  void validated(const Link& link, bool matched) {
    const bool dtd = link.operator_name == "validateDTD";
    if (!dtd && link.operator_name != "validateSchema") return;
    const std::string kind = dtd ? "DTD" : "Schema";
    auto named = [&](const LoadError& warning) {
      return warning.message.contains("@" + link.operator_name);
    };
    if (std::ranges::any_of(rules->warnings, named)) {
      text += "XML: Failed to load " + kind + ": " + schema_ + "\n";
    } else if (!well_formed) {
      text += "XML: " + kind + " validation failed because content is not well formed.\n";
    } else if (matched) {
      text += "XML: " + kind + " validation failed.\n";
    } else {
      text += "XML: Successfully validated payload against " + kind + ": " + schema_ + "\n";
    }
  }

  int step_ = 0;
  const Link* link_ = nullptr;
  std::string schema_;
};

std::string lines(const Json* array) {
  std::string all;
  if (array == nullptr) return all;
  if (array->kind != Json::Kind::array) return array->text;
  for (const Json& line : array->items) {
    if (&line != &array->items.front()) all += '\n';
    all += line.text;
  }
  return all;
}

// Bodies: as the suite sends them, each line with its end.
std::string body_of(const Json& of) {
  const Json* body = of.find("body");
  if (body == nullptr || body->kind != Json::Kind::array) return "";
  std::string all;
  for (const Json& line : body->items) all += line.text + "\n";
  return all;
}

// Rules name their files from a folder in which test-cases/data lies, or from one below that.
class Folder {
 public:
  Folder() : before_(std::filesystem::current_path()) {
    std::string name = (std::filesystem::temp_directory_path() / "seclang_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
    std::filesystem::create_directories(path_ / "here" / "test-cases");
    std::filesystem::create_directories(path_ / "test-cases");
    const std::filesystem::path data = std::filesystem::absolute(corpus::folder()) / "data";
    std::filesystem::create_directory_symlink(data, path_ / "test-cases" / "data");
    std::filesystem::create_directory_symlink(data, path_ / "here" / "test-cases" / "data");
    std::filesystem::current_path(path_ / "here");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(path_);
  }

 private:
  std::filesystem::path before_;
  std::filesystem::path path_;
};

bool contains(const std::string& pattern, const std::string& text) {
  auto regex = Regex::compile(pattern, {});
  return regex && regex->search(text, nullptr) == Regex::Outcome::matched;
}

constexpr std::string_view kUniqueId = "1700000000.000001";

unsigned status_of(const Transaction& transaction) {
  const std::optional<Intervention>& end = transaction.intervention();
  return end ? static_cast<unsigned>(end->status) : 200U;
}

// A file that the case names and the corpus does not hold: upstream's databases in the format that
// libGeoIP had, and its largest files of rules.
bool lacks_a_file(const Json& test) {
  const std::string rules = lines(test.find("rules"));
  static constexpr std::string_view kData = "test-cases/data/";
  const Json* expected = test.find("expected");
  if (expected->find("parser_error") != nullptr) return false;
  for (std::size_t at = 0; (at = rules.find(kData, at)) != std::string::npos; ++at) {
    const std::size_t end = rules.find_first_of(" \t\n\"'", at);
    const std::string name = rules.substr(at, end - at);
    if (!name.contains('*') && !std::filesystem::exists(name)) return true;
  }
  return false;
}

// Empty: as expected.
std::string run(const Json& test) {
  const Json* expected = test.find("expected");
  auto rules = load({{.path = "corpus.conf", .text = lines(test.find("rules"))}});
  if (const Json* error = expected->find("parser_error"); error != nullptr) {
    return rules ? "loaded, but must not" : "";
  }
  if (!rules) {
    return "does not load: " + rules.error().front().message;
  }
  std::array<std::byte, 8192> block;  // NOLINT(*-member-init): the arena's
  Arena arena(block);
  SharedCollections shared;
  std::shared_ptr<const Plan> plan = plain_plan(*rules);
  Transaction transaction(*plan, shared, arena,
                          {.unique_id = kUniqueId,
                           .seconds = 1'700'000'000,
                           .microseconds = std::chrono::duration_cast<std::chrono::microseconds>(
                                               std::chrono::steady_clock::now().time_since_epoch())
                                               .count(),
                           .work = WorkBudget::kUnlimited});
  Trace trace(rules->get());
  transaction.watch(&trace);
  static const Json kNothing;
  auto member = [&](const Json& of, std::string_view name) -> const Json& {
    const Json* found = of.find(name);
    return found != nullptr ? *found : kNothing;
  };
  const Json& client = member(test, "client");
  const Json& server = member(test, "server");
  auto port = [](const Json& of) {
    std::string_view text = of["port"];
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  transaction.set_connection(client["ip"], port(client), server["ip"], port(server));
  const Json& request = member(test, "request");
  std::string_view method = request["method"];
  transaction.set_request(method, request["uri"], request["http_version"]);
  const Json& headers = member(request, "headers");
  for (std::size_t i = 0; i < headers.keys.size(); ++i) {
    transaction.add_request_header(headers.keys[i], headers.items[i].text);
  }
  trace.phase("REQUEST_HEADERS", transaction.mode());
  transaction.request_headers();
  const std::string body = body_of(request);
  transaction.set_request_body(body);
  trace.phase("REQUEST_BODY", transaction.mode());
  transaction.request_body();
  for (const Value& value : transaction.values(Variable::args_post)) {
    trace.text += "Adding request argument (BODY): name \"" + std::string(value.key) +
                  "\", value \"" + std::string(value.text) + "\"\n";
  }
  for (const Value& value : transaction.values(Variable::reqbody_error_msg)) {
    trace.text += std::string(value.text) + "\n";
    trace.well_formed = value.text.empty();
  }
  const Json& response = member(test, "response");
  std::string_view protocol = response["protocol"];
  transaction.set_response(status_of(transaction), protocol.empty() ? "HTTP/1.1" : protocol);
  const Json& fields = member(response, "headers");
  for (std::size_t i = 0; i < fields.keys.size(); ++i) {
    transaction.add_response_header(fields.keys[i], fields.items[i].text);
  }
  trace.phase("RESPONSE_HEADERS", transaction.mode());
  transaction.response_headers();
  const std::string answer = body_of(response);
  transaction.set_response_body(answer);
  trace.phase("RESPONSE_BODY", transaction.mode());
  transaction.response_body();
  if (!transaction.wants_response_body()) {
    for (const Value& value : transaction.values(Variable::response_content_type)) {
      trace.text += "Response Content-Type is " + std::string(value.text) +
                    ". It is not marked to be inspected.\n";
    }
  }
  transaction.logging();

  const unsigned status = status_of(transaction);
  if (const Json* code = expected->find("http_code"); code != nullptr) {
    if (std::to_string(status) != code->text) {
      return "status " + std::to_string(status) + " and not " + code->text;
    }
  }
  if (const Json* url = expected->find("redirect_url"); url != nullptr) {
    if (!transaction.intervention() || transaction.intervention()->redirect != url->text) {
      return "does not redirect to " + url->text;
    }
  }
  if (const Json* log = expected->find("error_log"); log != nullptr && !log->text.empty()) {
    std::string all;
    for (const Match& match : transaction.matches()) {
      all += error_line(match, {.hostname = server["ip"],
                                .uri = request["uri"],
                                .unique_id = kUniqueId,
                                .status = static_cast<int>(status)}) +
             "\n";
    }
    if (!contains(log->text, all)) return "error log: no " + log->text + " in\n" + all;
  }
  if (const Json* log = expected->find("debug_log"); log != nullptr && !log->text.empty()) {
    if (!contains(log->text, trace.text)) {
      return "trace: no " + log->text + " in\n" + trace.text.substr(0, 3000);
    }
  }
  return "";
}

class SeclangCorpus : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = corpus::folder() / "regression.jsonl";
    if (!std::filesystem::exists(path_)) {
      GTEST_SKIP() << "skipped: no " << path_ << " (set SALLYPORT_CORPORA)";
    }
  }
  void check() {
    std::ifstream file(path_);
    std::string line;
    std::size_t total = 0;
    std::size_t good = 0;
    std::size_t lacking = 0;
    std::size_t refused = 0;
    const Folder folder;
    setenv("MODSECURITY", "regression tests", 1);  // for ENV
    const char* only = std::getenv("SECLANG_CASE");
    while (std::getline(file, line)) {
      if (line.empty()) continue;
      Json test = corpus::JsonReader(line).read();
      if (only != nullptr && !test["id"].contains(only)) continue;
      ++total;
      if (lacks_a_file(test)) {
        ++lacking;
        std::cout << "LACKS A FILE " << test["id"] << " (" << test["title"] << ")\n";
        continue;
      }
      std::string wrong = run(test);
      if (wrong.empty()) {
        ++good;
      } else if (wrong.starts_with("does not load: ") && wrong.contains("(at offset ")) {
        // Decided otherwise on purpose: a regular expression that is none never matches there.
        ++refused;
      } else {
        std::cout << "FAIL " << test["id"] << " (" << test["title"] << "): " << wrong << "\n";
      }
    }
    std::cout << good << " of " << total << " cases, " << lacking << " lack a file, " << refused
              << " refused at load\n";
    ASSERT_GT(total, lacking);
    EXPECT_EQ(good + refused, total - lacking);
    EXPECT_LE(refused, total / 100);
  }
  std::filesystem::path path_;
};

TEST_F(SeclangCorpus, transactions_end_as_modsecurity_says) { check(); }

}  // namespace
}  // namespace sallyport::seclang
