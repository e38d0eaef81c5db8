// `sallyport waf ftw`: regression tests of rule sets, in go-ftw's format.
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <sstream>

#include "base/arena.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/findings.h"
#include "cli/paint.h"
#include "cli/waf/ftw_report.h"
#include "cli/waf/ftw_request.h"
#include "cli/waf/ftw_suite.h"
#include "cli/waf/ftw_target.h"
#include "cli/waf/loaded_rules.h"
#include "http/uri.h"

namespace sallyport::cli {
namespace {

using waf::FtwReport;
using waf::FtwSuite;
using waf::FtwTarget;
using waf::FtwTest;

// What the Core Rule Set's own continuous integration sets; its tests count on it.
constexpr const char* kTestSettings =
    "SecAction \"id:199000,phase:1,pass,nolog,t:none,setvar:tx.blocking_paranoia_level=4,"
    "setvar:tx.paranoia_level=4,setvar:tx.reporting_level=4,setvar:tx.arg_name_length=100,"
    "setvar:tx.arg_length=400,setvar:tx.total_arg_length=6400,setvar:tx.max_num_args=255,"
    "setvar:tx.max_file_size=64100,setvar:tx.combined_file_sizes=65535\"\n";
constexpr const char* kTestDirectives =
    "SecRuleEngine DetectionOnly\n"
    "SecResponseBodyMimeType text/plain text/html text/xml application/json\n";

struct Wanted {
  std::vector<std::string> rules;
  std::string paranoia;
  std::vector<std::string> overrides;
  std::string url;
  std::string log;
  std::string output;
  std::string folder;
};

bool read_file(const std::filesystem::path& file, std::string& text) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream read;
  read << stream.rdbuf();
  text = read.str();
  return stream.is_open() && !stream.bad();
}

// A file, or the name of one that came with the tests: nginx means overrides/nginx.yaml.
bool find_overrides(const std::string& name, const std::string& folder, std::string& file,
                    std::string& text) {
  std::filesystem::path beside = std::filesystem::path(folder) / "..";
  for (const std::filesystem::path& place :
       {std::filesystem::path(name), folder / std::filesystem::path("overrides") / (name + ".yaml"),
        beside / "overrides" / (name + ".yaml")}) {
    file = place.string();
    if (std::filesystem::is_regular_file(place) && read_file(place, text)) return true;
  }
  return false;
}

std::unique_ptr<FtwTarget> remote_target(const Wanted& wanted, Terminal& terminal) {
  std::string authority = wanted.url;
  constexpr std::string_view kScheme = "http://";
  bool plain = authority.starts_with(kScheme);
  if (plain) authority.erase(0, kScheme.size());
  if (authority.ends_with('/')) authority.pop_back();
  std::array<std::byte, 512> block{};
  Arena arena(block);
  Result<http::Authority> parsed = http::parse_authority(authority, arena);
  if (!plain || !parsed) {
    terminal.err << "sallyport: --url is no address; write it as http://127.0.0.1:8080.\n";
    return nullptr;
  }
  std::string host(parsed->host);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return std::make_unique<waf::RemoteTarget>(
      std::move(host), parsed->has_port ? parsed->port : std::uint16_t{80}, wanted.log);
}

// Of all stages of a test; `observed` begins with its first and is moved behind its last.
std::vector<std::string> judge_test(const FtwTest& test,
                                    std::vector<waf::Observed>::const_iterator& observed) {
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < test.stages.size(); ++i, ++observed) {
    for (const std::string& each : judge(test.stages[i].output, *observed)) {
      reasons.push_back(i == 0 ? each : "stage " + std::to_string(i + 1) + ": " + each);
    }
  }
  return reasons;
}

// Of the rule that a test is about; 0: of every level, or the rule is not known here.
int level_of(const FtwTest& test, const seclang::RuleSet* rules) {
  const seclang::Rule* rule = rules != nullptr ? rules->find(test.rule_id) : nullptr;
  return rule != nullptr ? waf::paranoia_level(*rule) : 0;
}

int ftw(const Wanted& wanted, Terminal& terminal) {
  schema::Diagnostics diagnostics;
  FtwSuite suite = waf::read_suite(wanted.folder, diagnostics);
  FtwReport report;
  report.files = suite.files;
  for (const std::string& name : wanted.overrides) {
    std::string file;
    std::string text;
    if (!find_overrides(name, wanted.folder, file, text)) {
      terminal.err << "sallyport: there are no overrides " << printable(name) << ".\n";
      return kWrong;
    }
    report.overridden += apply_overrides(text, file, suite, diagnostics);
  }
  if (diagnostics.has_errors()) {
    print_findings(diagnostics, terminal);
    return kWrong;
  }
  if (suite.tests.empty()) {
    terminal.err << "sallyport: there are no tests in " << printable(wanted.folder) << ".\n";
    return kWrong;
  }
  // Against a gateway the rules serve only to know which tests belong to which paranoia level.
  std::shared_ptr<const seclang::RuleSet> rules;
  if (wanted.url.empty() || !wanted.rules.empty()) {
    rules = waf::load_rules({.paths = wanted.rules,
                             .paranoia = wanted.paranoia,
                             .settings = kTestSettings,
                             .last = kTestDirectives},
                            terminal);
    if (rules == nullptr) return kWrong;
  }
  std::unique_ptr<FtwTarget> target = wanted.url.empty() ? std::make_unique<waf::LocalTarget>(rules)
                                                         : remote_target(wanted, terminal);
  if (target == nullptr) return kWrong;
  const int most = wanted.paranoia.empty() ? 4 : wanted.paranoia.front() - '0';
  std::vector<const FtwTest*> tests;
  std::vector<std::string> requests;
  for (const FtwTest& test : suite.tests) {
    if (level_of(test, rules.get()) > most) {
      report.add_skipped(test);
      continue;
    }
    tests.push_back(&test);
    for (const waf::FtwStage& stage : test.stages) requests.push_back(build_request(stage.input));
  }
  const std::vector<waf::Observed> observed = target->send(requests);
  auto next = observed.begin();
  for (const FtwTest* test : tests) {
    std::vector<std::string> reasons = judge_test(*test, next);
    if (reasons.empty()) {
      report.add_passed(*test);
    } else {
      report.add_failed(*test, std::move(reasons));
    }
  }
  if (wanted.output == "json") {
    terminal.out << to_json(report) << '\n';
  } else {
    print_report(report, terminal);
  }
  return report.all.failed > 0 ? kFindings : kFine;
}

}  // namespace

void add_waf_ftw(CLI::App& family, Session& session) {
  Command command(family, session, "ftw", "Run regression tests of a rule set");
  Value<std::string> folder = command.argument(
      "dir", "DIR", "Test files in go-ftw's YAML format, or folders of them", true);
  Value<std::vector<std::string>> rules = command.rules();
  Value<std::string> paranoia = command.choice("--paranoia", {"1", "2", "3", "4"},
                                               "Paranoia level; tests of higher ones are left out");
  Value<std::vector<std::string>> overrides =
      command.list("--overrides", "FILE",
                   "What is expected instead, or the name of such a file beside the tests");
  Value<std::string> url = command.option(
      "--url", "URL", "Run them against a gateway here (default: the rules, in this process)");
  Value<std::string> log = command.option("--log", "FILE", "Log of that gateway");
  command.only_with("--url", "--log");
  command.only_with("--log", "--url");
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport waf ftw --rules coreruleset coreruleset/tests/regression/tests",
                    "sallyport waf ftw --url http://127.0.0.1:8080 --log waf.log tests"});
  command.action([=, &session] {
    return ftw({.rules = *rules,
                .paranoia = *paranoia,
                .overrides = *overrides,
                .url = *url,
                .log = *log,
                .output = *output,
                .folder = *folder},
               session.terminal);
  });
}

}  // namespace sallyport::cli
