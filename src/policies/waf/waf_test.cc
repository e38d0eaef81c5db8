#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "policies/policy_fixture.h"
#include "policies/waf/audit_file.h"
#include "policies/waf/rules.h"
#include "policies/waf/verdict.h"
#include "policy/audit_lines.h"
#include "policy/inspection_checks.h"

namespace sallyport {
namespace {

using policies::waf_detail::AuditFile;
using policies::waf_detail::Config;
using ::testing::AllOf;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PiecesBody;
using testing::PolicyFixture;

// Small rules of each kind, so that a test says itself what matches.
constexpr std::string_view kRules = R"(
SecRule ARGS "@contains attack" "id:1001,phase:2,deny,log,msg:'attack',severity:2,tag:'test/args'"
SecRule REQUEST_HEADERS:X-Evil "@streq yes" "id:1002,phase:1,deny,status:406,log,msg:'evil'"
SecRule REQUEST_URI_RAW "@contains /a/../b" "id:1003,phase:1,deny,log,msg:'raw'"
SecRule ARGS:go "@streq away" "id:1004,phase:2,redirect:https://www.example.com/,log,msg:'away'"
SecRule ARGS "@streq odd" "id:1005,phase:2,deny,status:200,log,msg:'odd status'"
SecRule RESPONSE_BODY "@contains secret-leak" "id:1006,phase:4,deny,log,msg:'leak'"
SecRule RESPONSE_HEADERS:X-Leak "@unconditionalMatch" "id:1007,phase:3,deny,log,msg:'leak'"
SecRule ARGS:quiet "@streq yes" "id:1008,phase:2,pass,log,msg:'seen %{MATCHED_VAR_NAME}'"
)";

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("waf_test_" + unique())) {
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  [[nodiscard]] std::string name(std::string_view name) const { return path_ / name; }

 private:
  static std::string unique() {
    static int count = 0;
    return std::to_string(getpid()) + "_" + std::to_string(count++);
  }
  std::filesystem::path path_;
};

class WafPolicy : public ::testing::Test {
 protected:
  // A policy with kRules and these keys besides.
  PolicyFixture waf(std::string_view keys = R"("mode": "block")") const {
    return {"waf", R"({"rules": ")" + rules_ + R"(", )" + std::string(keys) + "}"};
  }
  static ExchangeFixture& ask(ExchangeFixture& f, std::string_view query,
                              std::string_view path = "/") {
    f.request("GET", path);
    f.x.request.query = query;
    f.x.request.has_query = true;
    return f;
  }
  static ExchangeFixture& form(ExchangeFixture& f, http::Body& body) {
    f.request("POST", "/").header("Content-Type", "application/x-www-form-urlencoded").body(body);
    return f;
  }

  Folder folder_;
  std::string rules_ = folder_.file("rules.conf", kRules);
};

TEST_F(WafPolicy, BlocksWhatRulesDeny) {
  PolicyFixture policy = waf();
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture good;
  EXPECT_EQ(policy.request(ask(good, "id=7")), "passed");
  ExchangeFixture f;
  EXPECT_EQ(policy.request(ask(f, "id=an+attack")), "waf.blocked");
  EXPECT_EQ(f.x.trail.entries().back().reason->status, 403);
  EXPECT_EQ(f.x.trail.entries().back().detail, "1001 ARGS:id");
  EXPECT_EQ(f.x.inspection.mode, "block");
  EXPECT_TRUE(f.x.inspection.blocked);
}

// The rule would have denied, had its pattern not given up.
TEST_F(WafPolicy, BlocksWhatARegularExpressionGaveUpOn) {
  const std::string rules =
      folder_.file("limit.conf",
                   "SecPcreMatchLimit 100\n"
                   "SecRule ARGS \"@rx ^(?:a+)+$|attack\" \"id:1001,phase:2,deny,log\"\n");
  auto with_mode = [&](std::string_view mode) {
    return PolicyFixture("waf",
                         R"({"rules": ")" + rules + R"(", "mode": ")" + std::string(mode) + "\"}");
  };
  const std::string query = "id=" + std::string(40, 'a') + "b+attack";
  PolicyFixture policy = with_mode("block");
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture good;
  EXPECT_EQ(policy.request(ask(good, "id=7")), "passed");
  ExchangeFixture f;
  EXPECT_EQ(policy.request(ask(f, query)), "waf.blocked");
  EXPECT_EQ(f.x.trail.entries().back().detail, "2000000002 TX:MSC_PCRE_LIMITS_EXCEEDED");

  PolicyFixture detecting = with_mode("detect");
  ExchangeFixture detected;
  EXPECT_EQ(detecting.request(ask(detected, query)), "passed");
  EXPECT_EQ(detecting.response(detected), "passed");
  ASSERT_EQ(detected.x.inspection.findings.size(), 1U);
  EXPECT_EQ(detected.x.inspection.findings[0].rule, 2000000002);
}

TEST_F(WafPolicy, ARehearsalLeavesNothingInCollections) {
  const std::string rules =
      folder_.file("counting.conf",
                   "SecAction \"id:10,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR}\"\n"
                   "SecAction \"id:1,phase:1,pass,nolog,setvar:ip.n=+1\"\n"
                   "SecRule IP:n \"@ge 3\" \"id:2,phase:1,deny,log\"\n");
  PolicyFixture policy("waf", R"({"rules": ")" + rules + R"(", "mode": "block"})");
  ASSERT_EQ(policy.errors, "");
  auto asked = [&policy](bool rehearsal) {
    ExchangeFixture f;
    f.client("198.51.100.77");
    f.x.rehearsal = rehearsal;
    return policy.request(ask(f, "id=7"));
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(asked(true), "passed") << i;
  EXPECT_EQ(asked(false), "passed");
  EXPECT_EQ(asked(false), "passed");
  EXPECT_EQ(asked(false), "waf.blocked");
}

TEST_F(WafPolicy, DetectsWithoutARefusal) {
  PolicyFixture policy = waf(R"("paranoia": 2)");
  ExchangeFixture f;
  EXPECT_EQ(policy.request(ask(f, "id=an+attack&quiet=yes")), "passed");
  EXPECT_EQ(policy.response(f), "passed");
  ASSERT_EQ(f.x.inspection.findings.size(), 2U);
  const Finding& first = f.x.inspection.findings[0];
  EXPECT_EQ(first.rule, 1001);
  EXPECT_EQ(first.variable, "ARGS:id");
  EXPECT_EQ(first.value, "an attack");
  EXPECT_EQ(first.message, "attack");
  EXPECT_EQ(first.severity, 2);
  EXPECT_EQ(f.x.inspection.findings[1].message, "seen ARGS:quiet");
  EXPECT_EQ(f.x.inspection.mode, "detect");
  EXPECT_FALSE(f.x.inspection.blocked);
}

TEST_F(WafPolicy, RecordsInMonitorModeWhatItWouldRefuse) {
  PolicyFixture policy = waf(R"("mode": "monitor")");
  ExchangeFixture f;
  EXPECT_EQ(policy.request(ask(f, "id=attack")), "passed");
  EXPECT_EQ(f.x.trail.entries().back().outcome, Outcome::monitored);
  EXPECT_EQ(f.x.trail.entries().back().reason->code, "waf.blocked");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.x.inspection.findings.size(), 1U);
  EXPECT_FALSE(f.x.inspection.blocked);
}

TEST_F(WafPolicy, LooksAtWhatTheClientSentBeforeNormalisation) {
  PolicyFixture policy = waf();
  ExchangeFixture f;
  f.request("GET", "/b");
  f.x.request.target = "/a/../b";
  EXPECT_EQ(policy.request(f), "waf.blocked");
  ExchangeFixture removed;
  removed.request("GET", "/").header("X-Evil", "yes");
  removed.x.request.headers.remove("X-Evil");
  EXPECT_EQ(policy.request(removed), "waf.blocked");
}

TEST_F(WafPolicy, AnswersWithTheStatusOfTheRule) {
  PolicyFixture policy = waf();
  ExchangeFixture f;
  f.header("X-Evil", "yes");
  EXPECT_EQ(policy.request(f), "waf.blocked");
  EXPECT_EQ(f.x.trail.entries().back().reason->status, 406);
  ExchangeFixture odd;
  EXPECT_EQ(policy.request(ask(odd, "a=odd")), "waf.blocked");
  EXPECT_EQ(odd.x.trail.entries().back().reason->status, 403);
}

TEST_F(WafPolicy, SendsTheClientWhereTheRuleSays) {
  PolicyFixture policy = waf();
  ExchangeFixture f;
  EXPECT_EQ(policy.request(ask(f, "go=away")), "waf.redirected");
  f.x.reason = f.x.trail.entries().back().reason;
  EXPECT_EQ(f.x.reason->status, 302);
  f.x.response.status = 302;
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("Location"), "https://www.example.com/");
}

TEST_F(WafPolicy, LooksAtBodies) {
  PolicyFixture policy = waf();
  PiecesBody body({"a=1&b=an+at", "tack"});
  ExchangeFixture f;
  EXPECT_EQ(policy.request(form(f, body)), "waf.blocked");
  PiecesBody good({"a=1&b=2"});
  ExchangeFixture passing;
  EXPECT_EQ(policy.request(form(passing, good)), "passed");
  EXPECT_EQ(testing::drain(*passing.x.request.body), "a=1&b=2");
}

TEST_F(WafPolicy, RefusesBodiesBeyondItsDepthUnlessToldToPassThem) {
  std::string filler(2000, 'x');
  for (bool announced : {false, true}) {
    PolicyFixture policy = waf(R"("mode": "block", "body": {"depth": "1KiB"})");
    PiecesBody body({"a=1&b=", filler});
    ExchangeFixture f;
    form(f, body);
    if (announced) f.x.request.content_length = 2006;
    EXPECT_EQ(policy.request(f), "waf.body_too_long");
    EXPECT_EQ(body.asked(), announced ? 0U : 2U);
  }
  PolicyFixture policy = waf(R"("mode": "block", "body": {"depth": "1KiB", "beyond": "pass"})");
  for (std::string_view first : {"a=1&b=", "a=attack&b="}) {
    PiecesBody body({std::string(first), filler, "the end"});
    ExchangeFixture f;
    form(f, body);
    f.x.request.content_length = first.size() + 2007;
    EXPECT_EQ(policy.request(f), first == "a=1&b=" ? "passed" : "waf.blocked");
    EXPECT_TRUE(f.x.inspection.request_cut);
    EXPECT_EQ(testing::drain(*f.x.request.body), std::string(first) + filler + "the end");
  }
}

TEST_F(WafPolicy, InDetectModeNoBodyIsTooLong) {
  PolicyFixture policy = waf(R"("mode": "detect", "body": {"depth": "1KiB"})");
  PiecesBody body({"a=attack&b=" + std::string(2000, 'x')});
  ExchangeFixture f;
  EXPECT_EQ(policy.request(form(f, body)), "passed");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_TRUE(f.x.inspection.request_cut);
  EXPECT_EQ(f.x.inspection.findings.size(), 1U);
}

TEST_F(WafPolicy, LooksAtResponsesWhenAsked) {
  for (bool on : {false, true}) {
    PolicyFixture policy = waf(on ? R"("mode": "block", "responses": "on")" : R"("mode": "block")");
    ExchangeFixture f;
    f.header("Accept-Encoding", "gzip");
    EXPECT_EQ(policy.request(f), "passed");
    EXPECT_EQ(f.request_values("Accept-Encoding"), on ? "identity" : "gzip");
    PiecesBody body({"the secret", "-leak"});
    f.x.response.body = &body;
    f.response_header("Content-Type", "application/json");
    EXPECT_EQ(policy.response(f), on ? "waf.response_blocked" : "passed");
    EXPECT_EQ(body.asked(), on ? 2U : 0U);
  }
  PolicyFixture policy = waf(R"("mode": "block", "responses": "on")");
  ExchangeFixture head;
  EXPECT_EQ(policy.request(head), "passed");
  head.response_header("X-Leak", "1");
  EXPECT_EQ(policy.response(head), "waf.response_blocked");
}

TEST_F(WafPolicy, LetsResponsesOfOtherTypesStreamThrough) {
  PolicyFixture policy = waf(R"("mode": "block", "responses": "on")");
  for (bool compressed : {false, true}) {
    ExchangeFixture f;
    EXPECT_EQ(policy.request(f), "passed");
    PiecesBody body({"secret-leak"});
    f.x.response.body = &body;
    f.response_header("Content-Type", compressed ? "text/html" : "text/event-stream");
    if (compressed) f.response_header("Content-Encoding", "gzip");
    EXPECT_EQ(policy.response(f), "passed");
    EXPECT_EQ(body.asked(), 0U);
    EXPECT_EQ(f.x.inspection.response_cut, compressed);
  }
}

TEST_F(WafPolicy, LeavesOutWhatIsExcluded) {
  struct Case {
    std::string_view exclusion;
    std::string_view query;
    bool passes;
  };
  for (const Case& c : {
           Case{R"("rule": 1001)", "id=attack", true},
           Case{R"("rule": "1000-1001")", "id=attack", true},
           Case{R"("rule": 1002)", "id=attack", false},
           Case{R"("tag": "test/args")", "id=attack", true},
           Case{R"("rule": 1001, "target": "ARGS:id")", "id=attack", true},
           Case{R"("rule": 1001, "target": "ARGS:id")", "other=attack", false},
           Case{R"("tag": "test/args", "target": "ARGS:/^i/")", "id=attack", true},
       }) {
    PolicyFixture policy = waf(R"("mode": "block", "exclusions": [{)" + std::string(c.exclusion) +
                               R"(, "reason": "tested"}])");
    ASSERT_EQ(policy.errors, "") << c.exclusion;
    ExchangeFixture f;
    EXPECT_EQ(policy.request(ask(f, c.query)), c.passes ? "passed" : "waf.blocked") << c.exclusion;
  }
}

TEST_F(WafPolicy, WarnsOfExclusionsThatHaveExpired) {
  PolicyFixture old =
      waf(R"("exclusions": [{"rule": 1001, "reason": "a release", "expires": "2020-01-31"}])");
  EXPECT_THAT(old.errors, AllOf(HasSubstr("warning"), HasSubstr("waf.exclusions[0]"),
                                HasSubstr("was to end on 2020-01-31 (a release) and still holds")));
  EXPECT_FALSE(old.pipeline.policies().empty());
  PolicyFixture current =
      waf(R"("exclusions": [{"rule": 1001, "reason": "a release", "expires": "2099-01-31"}])");
  EXPECT_EQ(current.errors, "");
}

TEST_F(WafPolicy, RefusesExclusionsThatMeanNothing) {
  for (auto [exclusion, message] : {
           std::pair{R"({"rule": 1001})", "missing key \"reason\""},
           {R"({"reason": "x"})", "rule"},
           {R"({"rule": "x", "reason": "x"})", "is not a rule id or range of them"},
           {R"({"rule": "9-1", "reason": "x"})", "it ends before it begins"},
           {R"({"rule": 1, "reason": " "})", "must say why"},
           {R"({"rule": 1, "reason": "x", "expires": "2026-02-30"})", "there is no such day"},
           {R"({"rule": 1, "reason": "x", "target": "!ARGS:a"})", "without '!' or '&'"},
           {R"({"rule": 1, "reason": "x", "target": "ARGZ:a"})", "ARGZ"},
       }) {
    PolicyFixture policy = waf(R"("exclusions": [)" + std::string(exclusion) + "]");
    EXPECT_THAT(policy.errors, AllOf(HasSubstr("exclusions"), HasSubstr(message))) << exclusion;
    EXPECT_TRUE(policy.pipeline.policies().empty());
  }
}

TEST_F(WafPolicy, TellsWhereARuleFileIsWrong) {
  std::string bad = folder_.file("bad.conf",
                                 "# fine\nSecRule ARGS \"@nosuch x\" \"id:1,deny\"\n"
                                 "SecRule ARGS \"@rx (\" \"id:2,deny\"\n");
  PolicyFixture policy("waf", R"({"rules": [")" + rules_ + R"(", ")" + bad + R"("]})");
  EXPECT_THAT(policy.errors, AllOf(HasSubstr(bad + ":2:"), HasSubstr("nosuch"),
                                   HasSubstr(bad + ":3:"), HasSubstr("error: waf")));
  PolicyFixture missing("waf", R"({"rules": "/no/such/rules"})");
  EXPECT_THAT(missing.errors, AllOf(HasSubstr("waf.rules"), HasSubstr("/no/such/rules")));
}

TEST_F(WafPolicy, LoadsNothingWhenItIsOff) {
  PolicyFixture policy("waf", R"({"mode": "off", "rules": "/no/such/rules"})");
  EXPECT_EQ(policy.errors, "");
}

TEST_F(WafPolicy, WritesAnAuditLog) {
  std::string log = folder_.name("audit.json");
  {
    PolicyFixture policy = waf(R"("mode": "block", "audit_log": ")" + log + '"');
    ASSERT_EQ(policy.errors, "");
    EXPECT_FALSE(std::filesystem::exists(log)) << "before there is anything to write";
    ExchangeFixture good;
    EXPECT_EQ(policy.request(ask(good, "id=1")), "passed");
    EXPECT_EQ(policy.response(good), "passed");
    ExchangeFixture f;
    f.header("Authorization", "Bearer abc").header("User-Agent", "test");
    EXPECT_EQ(policy.request(ask(f, "id=attack")), "waf.blocked");
    f.x.reason = f.x.trail.entries().back().reason;
    f.x.response.status = 403;
    EXPECT_EQ(policy.response(f), "passed");
  }
  std::stringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_EQ(std::ranges::count(text.str(), '\n'), 1);
  EXPECT_THAT(text.str(),
              AllOf(HasSubstr(R"("ruleId":"1001")"), HasSubstr(R"("http_code":403)"),
                    HasSubstr(R"("User-Agent":"test")"), HasSubstr(R"("Authorization":"***")")));
}

TEST_F(WafPolicy, HandsTheShareItIsToldToTheVerifier) {
  InspectionChecks& checks = InspectionChecks::of_process();
  auto ask_all = [&](std::string_view share) {
    PolicyFixture policy = waf(R"("mode": "block", "verify": ")" + std::string(share) + '"');
    EXPECT_EQ(policy.errors, "");
    for (std::string_view query : {"id=1", "id=attack", "go=away"}) {
      ExchangeFixture f;
      std::ranges::fill(f.x.request_id, '7');
      bool passed = policy.request(ask(f, query)) == "passed";
      if (!passed) f.x.reason = f.x.trail.entries().back().reason;
      EXPECT_EQ(policy.response(f), "passed");
    }
  };
  ask_all("0%");
  EXPECT_EQ(checks.count_of(InspectionCheck::agreed), 0U);
  ask_all("100%");
  while (checks.count_of(InspectionCheck::agreed) < 3) std::this_thread::yield();
  EXPECT_EQ(checks.count_of(InspectionCheck::disagreed), 0U);
  EXPECT_EQ(checks.count_of(InspectionCheck::unrepeatable), 0U);
}

// With rules that see an attack in everything, so that what is passed over is seen.
class ProvenValues : public WafPolicy {
 protected:
  PolicyFixture suspicious() {
    std::string file = folder_.file("all.conf", R"(
SecRule ARGS|REQUEST_COOKIES|REQUEST_HEADERS "@rx ." "id:1,phase:2,deny,log,tag:'attack-sqli'"
SecRule ARGS:id "@streq 66" "id:2,phase:2,deny,log,tag:'attack-protocol'"
)");
    return {"waf", R"({"mode": "block", "rules": ")" + file + "\"}"};
  }
  // The verdict on a request in which `id` of the query was proven to be an integer.
  static std::string verdict(const PolicyFixture& policy, std::string_view query,
                             http::ValueKind kind = http::ValueKind::integer) {
    ExchangeFixture f;
    f.x.proven.add(http::Place::query, "id", kind);
    return policy.request(ask(f, query));
  }
};

TEST_F(ProvenValues, NeedNoRulesAgainstInjection) {
  PolicyFixture policy = suspicious();
  ASSERT_EQ(policy.errors, "");
  EXPECT_EQ(verdict(policy, "id=7"), "passed");
  EXPECT_EQ(verdict(policy, "id=true", http::ValueKind::boolean), "passed");
  EXPECT_EQ(verdict(policy, "id=2026-11-22", http::ValueKind::date), "passed");
  EXPECT_EQ(verdict(policy, "id=66"), "waf.blocked") << "all other rules look at it";
  ExchangeFixture unproven;
  EXPECT_EQ(policy.request(ask(unproven, "id=7")), "waf.blocked");
}

TEST_F(ProvenValues, AreThoseOfTheirPlaceAndNameAlone) {
  PolicyFixture policy = suspicious();
  EXPECT_EQ(verdict(policy, "id=7&other=7"), "waf.blocked");
  EXPECT_EQ(verdict(policy, "ID=7"), "waf.blocked");
  ExchangeFixture cookie;
  cookie.x.proven.add(http::Place::query, "id", http::ValueKind::integer);
  cookie.header("Cookie", "id=7");
  EXPECT_EQ(policy.request(cookie), "waf.blocked");
  ExchangeFixture header;
  header.x.proven.add(http::Place::header, "X-Shop", http::ValueKind::integer);
  header.header("x-shop", "7");
  EXPECT_EQ(policy.request(header), "passed");
}

TEST_F(ProvenValues, OfABodyMayBeFoundWhenItHasBeenRead) {
  std::string file = folder_.file("body.conf", R"(
SecRule ARGS_POST "@rx ." "id:1,phase:2,deny,log,tag:'attack-xss'"
)");
  PolicyFixture policy("waf", R"({"mode": "block", "rules": ")" + file + "\"}");
  for (http::Place place : {http::Place::body, http::Place::query}) {
    PiecesBody fields({"id=7"});
    ExchangeFixture f;
    form(f, fields);
    f.x.proven.add(place, "id", http::ValueKind::integer);
    EXPECT_EQ(policy.request(f), place == http::Place::body ? "passed" : "waf.blocked");
  }
}

// Whatever a client sends: only code can make the claim, and what it sends is looked at again.
TEST_F(ProvenValues, CannotBeClaimedByAClient) {
  PolicyFixture policy = suspicious();
  for (std::string_view query : {"id=7&id=1'+or+1", "id=1'+or+1&id=7", "id=7%27", "%69d=7%00",
                                 "id=7;id=x", "id[]=7", "id=+7", "id="}) {
    bool empty = query == "id=";
    EXPECT_EQ(verdict(policy, query), empty ? "passed" : "waf.blocked") << query;
  }
  ExchangeFixture f;
  f.header("X-Proven", "id=integer").header("Sallyport-Proven", "query id integer");
  EXPECT_EQ(policy.request(ask(f, "id=7")), "waf.blocked");
  EXPECT_TRUE(f.x.proven.all().empty());
}

TEST_F(WafPolicy, TellsRulesTheServersAddress) {
  std::string file = folder_.file(
      "server.conf", R"(SecRule SERVER_ADDR "@streq 198.51.100.7" "id:1,phase:1,deny,log")");
  PolicyFixture policy("waf", R"({"mode": "block", "rules": ")" + file + "\"}");
  ExchangeFixture f;
  EXPECT_EQ(policy.request(f), "passed") << "not known";
  ExchangeFixture known;
  known.x.local = *net::Address::parse("198.51.100.7");
  EXPECT_EQ(policy.request(known), "waf.blocked");
}

TEST_F(WafPolicy, RefusesAnAuditLogInAFolderThatIsNotThere) {
  PolicyFixture policy = waf(R"("audit_log": {"file": "/no/such/folder/audit.json"})");
  EXPECT_THAT(policy.errors, HasSubstr("waf.audit_log: there is no folder /no/such/folder"));
}

TEST(AuditFile, IsMadeAnewAfterItWasMovedAway) {
  Folder folder;
  std::string path = folder.name("log");
  auto lines_of = [](const std::string& name) {
    std::stringstream text;
    text << std::ifstream(name).rdbuf();
    return text.str();
  };
  std::shared_ptr<AuditFile> file = AuditFile::of(path);
  EXPECT_EQ(AuditFile::of(path), file);
  file->write("one\n");
  while (lines_of(path) != "one\n") std::this_thread::yield();
  std::filesystem::rename(path, path + ".1");
  file->write("two\n");
  file.reset();
  EXPECT_EQ(lines_of(path), "two\n");
  EXPECT_EQ(lines_of(path + ".1"), "one\n");
}

TEST(WafRules, AreSharedWithinOneConfiguration) {
  Folder folder;
  Config config;
  std::string path = folder.file("rules.conf", kRules);
  config.rules.push_back({.value = {.written = path, .resolved = path}, .where = {}});
  schema::Diagnostics diagnostics;
  schema::LoadScope scope;
  schema::Context context(diagnostics, "waf", &scope);
  schema::Node block;
  auto first = policies::waf_detail::load_rules(config, block, context);
  auto second = policies::waf_detail::load_rules(config, block, context);
  config.paranoia = 2;
  auto other = policies::waf_detail::load_rules(config, block, context);
  EXPECT_EQ(diagnostics.to_text(), "");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first, second);
  EXPECT_NE(first, other);
  EXPECT_TRUE(scope.files.contains(path));
}

TEST(WafRules, SetUpTheCoreRuleSetAsItsOwnFileWould) {
  Config config;
  EXPECT_EQ(policies::waf_detail::setup_line(config), "");
  config.paranoia = 3;
  config.thresholds.inbound = 10;
  EXPECT_THAT(policies::waf_detail::setup_line(config),
              AllOf(HasSubstr("setvar:tx.blocking_paranoia_level=3"),
                    HasSubstr("setvar:tx.inbound_anomaly_score_threshold=10")));
}

// The Core Rule Set of the system, where it is installed.
class CoreRuleSet : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/share/modsecurity-crs")) {
      GTEST_SKIP() << "the package modsecurity-crs is not installed";
    }
  }
  static ExchangeFixture& ask(ExchangeFixture& f, std::string_view query) {
    f.request("GET", "/items").header("Host", "api.example.com").header("Accept", "*/*");
    f.header("User-Agent", "test/1.0");
    f.x.request.query = query;
    f.x.request.has_query = true;
    return f;
  }
};

TEST_F(CoreRuleSet, BlocksInjectionAndLetsOrdinaryRequestsPass) {
  PolicyFixture policy("waf", R"({"mode": "block"})");
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture good;
  EXPECT_EQ(policy.request(ask(good, "id=7&sort=name")), "passed");
  ExchangeFixture f;
  EXPECT_EQ(policy.request(ask(f, "id=1'%20or%20'1'='1")), "waf.blocked");
  EXPECT_GE(f.x.inspection.inbound_score, 5U);
  EXPECT_THAT(std::string(f.x.trail.entries().back().detail), HasSubstr("942100 ARGS:id"));
}

TEST_F(CoreRuleSet, HeedsThresholdsAndParanoia) {
  PolicyFixture tolerant("waf", R"({"mode": "block", "thresholds": {"inbound": 1000}})");
  ExchangeFixture f;
  EXPECT_EQ(tolerant.request(ask(f, "id=1'%20or%20'1'='1")), "passed");
  EXPECT_EQ(tolerant.response(f), "passed");
  EXPECT_FALSE(f.x.inspection.findings.empty());
  PolicyFixture strict("waf", R"({"mode": "detect", "paranoia": 4})");
  PolicyFixture usual("waf", R"({"mode": "detect"})");
  ExchangeFixture at_four;
  ExchangeFixture at_one;
  EXPECT_EQ(strict.request(ask(at_four, "q=a;b'c-d")), "passed");
  EXPECT_EQ(usual.request(ask(at_one, "q=a;b'c-d")), "passed");
  EXPECT_GT(at_four.x.inspection.inbound_score, at_one.x.inspection.inbound_score);
}

TEST_F(WafPolicy, CountsLinesThatItsAuditLogCouldNotKeep) {
  AuditFile file(folder_.name("no such folder/audit.json"));
  const std::uint64_t before = AuditLines::of_process().lost();
  file.write("one line\n");
  file.write("another\n");
  while (file.lost() < 2) std::this_thread::yield();
  EXPECT_EQ(AuditLines::of_process().lost() - before, 2U);
}

}  // namespace
}  // namespace sallyport
