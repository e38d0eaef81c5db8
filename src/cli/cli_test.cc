#include "cli/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/completion.h"
#include "cli/man_page.h"
#include "cli/paint.h"
#include "cli/table.h"
#include "cli/test_command.h"

namespace sallyport::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A folder of its own, gone with the test.
class CommandLine : public ::testing::Test {
 protected:
  CommandLine() {
    std::string name = (std::filesystem::temp_directory_path() / "sallyport-cli-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~CommandLine() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  [[nodiscard]] std::string good() const {
    return file("good.yaml",
                "listen: \"127.0.0.1:8080\"\nadmin: {address: \"127.0.0.1:1\"}\n"
                "apis: {a: {path: /a, upstream: \"http://127.0.0.1:9000\", public: true}}\n");
  }
  [[nodiscard]] std::string bad() const {
    return file("bad.yaml", "listen: \"127.0.0.1:8080\"\napiz: {}\n");
  }
  [[nodiscard]] std::string short_upstream() const {
    return file("short.yaml",
                "listen: \"127.0.0.1:8080\"\nupstreams: {one: \"http://127.0.0.1:9000\", "
                "two: [\"http://127.0.0.1:9001\", \"http://127.0.0.1:9002\"]}\n"
                "apis: {a: {path: /a, upstream: one, public: true}, "
                "b: {path: /b, upstream: two, public: true}}\n");
  }
  [[nodiscard]] std::string doubtful() const {
    return file("doubtful.yaml",
                "listen: \"0.0.0.0:8080\"\n"
                "apis: {a: {path: /a, upstream: \"http://127.0.0.1:9000\", public: true}}\n");
  }
  [[nodiscard]] std::string rules() const {
    return file("rules.conf",
                "SecRule ARGS \"@contains attack\" \"id:1,phase:2,deny,log,msg:'found it',"
                "severity:CRITICAL,tag:'paranoia-level/1',setvar:tx.test_score=+5\"\n");
  }
  [[nodiscard]] std::string bad_rules() const {
    std::filesystem::create_directory(folder_ / "bad");
    return file("bad/bad.conf", "\nSecRule ARGS \"@nonsense x\" \"id:1\"\n");
  }
  // A regression test of rule 1 that passes or fails.
  [[nodiscard]] std::string ftw(bool passes) const {
    std::filesystem::create_directory(folder_ / "tests");
    return file(passes ? "tests/good.yaml" : "tests/bad.yaml",
                "rule_id: 1\ntests:\n  - test_id: 1\n    stages:\n      - input: {headers: {Host: "
                "h}, uri: \"/?" +
                    std::string(passes ? "a=attack" : "a=b") +
                    "\"}\n        output: {log: {expect_ids: [1]}}\n");
  }

  std::filesystem::path folder_;
};

TEST_F(CommandLine, ExitStatusesAreWhatScriptsRelyOn) {
  struct Case {
    std::vector<std::string> arguments;
    int status;
  };
  const Case cases[] = {
      {{"--help"}, kFine},
      {{"--version"}, kFine},
      {{"version"}, kFine},
      {{}, kWrong},
      {{"nonsense"}, kWrong},
      {{"check", good()}, kFine},
      {{"check", "--output", "json", good()}, kFine},
      {{"check", "--strict", good()}, kFine},
      {{"check", doubtful()}, kFine},
      {{"check", "--strict", doubtful()}, kFindings},
      {{"check", short_upstream()}, kFine},
      {{"check", bad()}, kWrong},
      {{"check", "/nowhere/at/all.yaml"}, kWrong},
      {{"check", "--output", "xml", good()}, kWrong},
      {{"check", "--nonsense"}, kWrong},
      {{"explain"}, kWrong},
      {{"explain", "GET", "/a", "--config", good()}, kFine},
      {{"explain", "GET", "/b", "--config", good()}, kFine},
      {{"explain", "GET", "/a", "--config", bad()}, kWrong},
      {{"explain", "GET", "/a", "--config", good(), "--client", "nobody"}, kWrong},
      {{"explain", "0123", "--client", "127.0.0.1", "--config", good()}, kWrong},
      {{"explain", "0123", "--config", good()}, kWrong},
      {{"explain", "0123", "--admin", "http://127.0.0.1:1"}, kWrong},
      {{"explain", "0123", "--admin", "http://a b"}, kWrong},
      {{"reload", "--admin", "127.0.0.1:1"}, kWrong},
      {{"docs"}, kFine},
      {{"docs", "ip_allow"}, kFine},
      {{"docs", "ip_alow"}, kWrong},
      {{"docs", "--schema"}, kFine},
      {{"docs", "--schema", "--man"}, kWrong},
      {{"docs", "--completion", "csh"}, kWrong},
      {{"run", "--config"}, kWrong},
      {{"run", "--config", bad()}, kWrong},
      {{"waf"}, kWrong},
      {{"waf", "nonsense"}, kWrong},
      {{"waf", "rules", "--rules", rules()}, kFine},
      {{"waf", "rules", "--rules", rules(), "--output", "json"}, kFine},
      {{"waf", "rules", "--rules", folder_.string()}, kFine},
      {{"waf", "rules", "--rules", bad_rules()}, kWrong},
      {{"waf", "rules", "--rules", "/nowhere/at/all.conf"}, kWrong},
      {{"waf", "test", "--rules", rules()}, kWrong},
      {{"waf", "test", "--rules", rules(), "/?a=b", "/c"}, kFine},
      {{"waf", "test", "--rules", rules(), "/", "/?a=attack"}, kFindings},
      {{"waf", "test", "--rules", rules(), "-d", "a=1", "-d", "b=attack", "/"}, kFindings},
      {{"waf", "test", "--rules", rules(), "-H", "nonsense", "/"}, kWrong},
      {{"waf", "test", "--rules", rules(), "--request", "/nowhere/at/all"}, kWrong},
      {{"waf", "test", "--rules", rules(), "--paranoia", "5", "/"}, kWrong},
      {{"waf", "test", "--rules", bad_rules(), "/"}, kWrong},
      {{"waf", "ftw"}, kWrong},
      {{"waf", "ftw", "--rules", rules(), ftw(true)}, kFine},
      {{"waf", "ftw", "--rules", rules(), "--output", "json", ftw(false)}, kFindings},
      {{"waf", "ftw", "--rules", rules(), "--overrides", "nothing", ftw(true)}, kWrong},
      {{"waf", "ftw", "--rules", rules(), "--url", "http://127.0.0.1:1", ftw(true)}, kWrong},
      {{"waf", "ftw", "--url", "x y", "--log", "l", ftw(true)}, kWrong},
      {{"waf", "ftw", "--rules", rules(), "/nowhere/at/all"}, kWrong},
      {{"init"}, kWrong},
      {{"init", "--upstream", "http://127.0.0.1:9000"}, kFine},
      {{"init", "--upstream", "not a url"}, kWrong},
      {{"init", "--upstream", "http://x\" }"}, kWrong},
  };
  for (const Case& each : cases) {
    Outcome outcome = call(each.arguments);
    std::string line;
    for (const std::string& argument : each.arguments) line += argument + " ";
    EXPECT_EQ(outcome.status, each.status) << line << '\n' << outcome.out << outcome.err;
    if (each.status == kFine) EXPECT_EQ(outcome.err, "") << line;
    EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b["))) << line;
  }
}

TEST_F(CommandLine, AWordThatIsNoCommandIsAnsweredWithThoseThereAre) {
  const Outcome outcome = call({"keys", "issue", "acme"});
  EXPECT_EQ(outcome.status, kWrong);
  EXPECT_THAT(outcome.err,
              HasSubstr("there is no command \"issue\"; there are list, show, create"));
  EXPECT_THAT(call({"key", "list"}).err, HasSubstr("there is no command \"key\"; there are "));
  EXPECT_THAT(call({"keys", "list", "--nonsense"}).err, Not(HasSubstr("no command")));
  EXPECT_THAT(call({"keys"}).err, Not(HasSubstr("no command")));
}

TEST_F(CommandLine, CheckNamesPlaceAndSuggestion) {
  Outcome outcome = call({"check", bad()});
  EXPECT_THAT(outcome.out, HasSubstr("bad.yaml:2:1: error: "));
  EXPECT_THAT(outcome.out, HasSubstr("apis"));
  EXPECT_THAT(outcome.out, HasSubstr("errors, 0 warnings"));
}

TEST_F(CommandLine, CheckRehearsesTheStartUnlessItIsForAnotherMachine) {
  std::string elsewhere =
      file("elsewhere.yaml",
           "listen: \"127.0.0.1:8080\"\nuser: no-such-account\n"
           "log: {access: nowhere/access.log}\n"
           "apis: {a: {path: /a, upstream: \"http://127.0.0.1:9000\", public: true}}\n");
  Outcome outcome = call({"check", elsewhere});
  EXPECT_EQ(outcome.status, kWrong);
  EXPECT_THAT(outcome.out, HasSubstr("elsewhere.yaml:2:7: error: user: "));
  EXPECT_THAT(outcome.out, HasSubstr("elsewhere.yaml:3:15: error: log.access: "));
  EXPECT_EQ(call({"check", "--strict", "--skip-files", elsewhere}).status, kFine);
}

TEST_F(CommandLine, ExplainTellsInTextAndJson) {
  Outcome text = call({"explain", "GET", "http://localhost/a/../a/x?q", "--config", good()});
  EXPECT_THAT(text.out, HasSubstr("path /a/x, query q"));
  EXPECT_THAT(text.out, HasSubstr("forwarded"));
  EXPECT_THAT(text.out, HasSubstr("http://127.0.0.1:9000"));
  Outcome json = call({"explain", "GET", "/nowhere", "--config", good(), "--output", "json"});
  EXPECT_THAT(json.out, HasSubstr("gateway.no_route"));
}

TEST_F(CommandLine, ExplainTakesHeadersOneByOne) {
  Outcome outcome = call(
      {"explain", "--config", good(), "--header", "A: b", "-H", "Host: h.example", "GET", "/a"});
  EXPECT_EQ(outcome.status, kFine) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("host h.example"));
}

TEST_F(CommandLine, InitWritesAFileThatLoadsAndKeepsOneThatIsThere) {
  std::string name = (folder_ / "new.yaml").string();
  Outcome first = call({"init", "--upstream", "http://127.0.0.1:9000", "--output", name});
  EXPECT_EQ(first.status, kFine) << first.err;
  Outcome checked = call({"check", name});
  EXPECT_EQ(checked.status, kFine) << checked.out;
  Outcome again = call({"init", "--upstream", "http://127.0.0.1:9001", "--output", name});
  EXPECT_EQ(again.status, kWrong);
  EXPECT_THAT(again.err, HasSubstr("is there already"));
}

TEST_F(CommandLine, DocsWritesEveryPage) {
  std::string folder = (folder_ / "reference").string();
  EXPECT_EQ(call({"docs", "--markdown", folder}).status, kFine);
  EXPECT_TRUE(std::filesystem::exists(folder + "/configuration.md"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/policies/ip_allow.md"));
  EXPECT_EQ(call({"docs", "--markdown", good()}).status, kWrong) << "a file, not a folder";
}

TEST_F(CommandLine, WafTestTellsWhatMatchedAndWhy) {
  Outcome text = call({"waf", "test", "--rules", rules(), "/?a=attack", "/?a=b"});
  EXPECT_THAT(text.out, HasSubstr("GET /?a=attack\n  1 critical found it\n"));
  EXPECT_THAT(text.out, HasSubstr("ARGS:a = attack\n"));
  EXPECT_THAT(text.out, HasSubstr("paranoia-level/1\n"));
  EXPECT_THAT(text.out, HasSubstr("rules.conf:1, phase 2\n"));
  EXPECT_THAT(text.out, HasSubstr("test_score 5\n"));
  EXPECT_THAT(text.out, HasSubstr("refused with 403 by rule 1: found it\nGET /?a=b\n"));
  EXPECT_THAT(text.out, ::testing::EndsWith("passes\n"));
  std::string request = file("request.txt",
                             "POST / HTTP/1.1\nContent-Type: application/json\n"
                             "Content-Length: 14\n\n{\"k\":\"attack\"}");
  Outcome json = call({"waf", "test", "--rules", rules(), "--request", request, "-o", "json"});
  EXPECT_THAT(json.out, HasSubstr(R"("variable":"ARGS:json.k","value":"attack")")) << json.err;
  EXPECT_THAT(json.out, HasSubstr(R"("scores":{"test_score":5},"verdict":"refused")"));
}

TEST_F(CommandLine, WafErrorsNamePlaceAndSayWhatToDo) {
  Outcome outcome = call({"waf", "rules", "--rules", bad_rules()});
  EXPECT_THAT(outcome.out, HasSubstr("bad.conf:2:"));
  EXPECT_THAT(outcome.out, HasSubstr(": error: "));
  EXPECT_THAT(outcome.out, HasSubstr("nonsense"));
}

TEST_F(CommandLine, WafFtwCountsAndGivesReasons) {
  Outcome good = call({"waf", "ftw", "--rules", rules(), "-o", "json", ftw(true)});
  EXPECT_THAT(good.out, HasSubstr(R"({"total":1,"passed":1,"failed":0,"skipped":0,"files":1,)"));
  Outcome bad = call({"waf", "ftw", "--rules", rules(), ftw(false)});
  EXPECT_THAT(bad.out, HasSubstr("failed 1-1         did not match: 1; matched:\n"));
}

TEST_F(CommandLine, EveryHelpShowsAnExampleAndItsFlags) {
  std::vector<CommandEntry> table = command_table();
  ASSERT_GE(table.size(), 8U);
  for (const CommandEntry& command : table) {
    std::istringstream words(command.name);  // two of a family's command
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) arguments.push_back(word);
    arguments.emplace_back("--help");
    Outcome help = call(arguments);
    EXPECT_THAT(help.out, HasSubstr("Example")) << command.name;
    EXPECT_FALSE(command.examples.empty()) << command.name;
    for (const std::string& example : command.examples) {
      EXPECT_THAT(example, ::testing::StartsWith("sallyport ")) << command.name;
      EXPECT_THAT(help.out, HasSubstr(example));
    }
    for (const FlagEntry& flag : command.flags) {
      EXPECT_THAT(help.out, HasSubstr(flag.names.back())) << command.name;
      EXPECT_FALSE(flag.description.empty()) << command.name << ' ' << flag.names.back();
    }
  }
}

TEST_F(CommandLine, ManPageAndCompletionsLeaveNothingOut) {
  std::vector<CommandEntry> table = command_table();
  std::string page = man_page(table);
  int flags = 0;
  for (const CommandEntry& command : table) {
    for (const std::string shell : {"bash", "zsh", "fish"}) {
      std::istringstream words(command.name);
      for (std::string word; words >> word;) {
        EXPECT_THAT(completion_script(table, shell), HasSubstr(word)) << shell;
      }
    }
    EXPECT_THAT(page, HasSubstr(".SS " + command.name));
    for (const FlagEntry& flag : command.flags) {
      ++flags;
      for (const std::string& name : flag.names) {
        std::string in_roff;
        for (char c : name) in_roff += c == '-' ? std::string("\\-") : std::string(1, c);
        EXPECT_THAT(page, HasSubstr("\\fB" + in_roff + "\\fR")) << command.name;
        EXPECT_THAT(completion_script(table, "bash"), HasSubstr(name)) << command.name;
        EXPECT_THAT(completion_script(table, "zsh"), HasSubstr(name + "[")) << command.name;
        std::string in_fish =
            name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        EXPECT_THAT(completion_script(table, "fish"), HasSubstr(in_fish)) << command.name;
      }
    }
  }
  EXPECT_GE(flags, 25);
}

TEST(Paint, IsForTerminalsOnly) {
  std::ostringstream out;
  Terminal file{.out = out, .err = out};
  Terminal tty{.out = out, .err = out, .out_is_tty = true};
  unsetenv("NO_COLOR");
  EXPECT_EQ(Paint(file).bad("x"), "x");
  EXPECT_EQ(Paint(tty).bad("x"), "\x1b[31mx\x1b[0m");
  setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(Paint(tty).bad("x"), "x");
  unsetenv("NO_COLOR");
}

TEST(Paint, MakesControlCharactersHarmless) { EXPECT_EQ(printable("a\x1b[31mb\r\n"), "a?[31mb??"); }

}  // namespace
}  // namespace sallyport::cli
