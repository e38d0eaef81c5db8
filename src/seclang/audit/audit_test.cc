#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seclang/audit/error_line.h"
#include "seclang/audit/json_log.h"

namespace sallyport::seclang {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// Finds nothing; only that it is there counts.
class Silent final : public Operator {
 public:
  bool evaluate(std::string_view /*value*/, Evaluation& /*evaluation*/) const override {
    return false;
  }
};

class Audit : public ::testing::Test {
 protected:
  Audit() {
    rule.id = 942100;
    rule.file = "sqli.conf";
    rule.line = 31;
    rule.ver = "OWASP_CRS/4.28.0";
    Link& link = rule.chain.emplace_back();
    link.op = std::make_unique<Silent>();
    link.operator_name = "detectsqli";
    link.argument = Macro("");
    match.rule = &rule;
    match.link = &link;
    match.message = "SQL Injection";
    match.data = "Matched Data: s&1";
    match.variable = "ARGS:id";
    match.value = "1 or 1=1";
    match.tags = {"attack-sqli", "paranoia-level/1"};
    match.severity = 2;
    match.phase = 2;
    match.reference = "v7,8t:lowercase";
  }

  Rule rule;
  Match match;
  LineFacts facts{.hostname = "10.0.0.1", .uri = "/a", .unique_id = "0f8f"};
};

TEST_F(Audit, ALineIsWhatToolsForModSecurityRead) {
  EXPECT_EQ(error_line(match, facts),
            "ModSecurity: Warning. Matched \"Operator `DetectSQLi' with parameter `' against "
            "variable `ARGS:id' (Value: `1 or 1=1' ) [file \"sqli.conf\"] [line \"31\"] "
            "[id \"942100\"] [rev \"\"] [msg \"SQL Injection\"] [data \"Matched Data: s&1\"] "
            "[severity \"2\"] [ver \"OWASP_CRS/4.28.0\"] [maturity \"0\"] [accuracy \"0\"] "
            "[tag \"attack-sqli\"] [tag \"paranoia-level/1\"] [hostname \"10.0.0.1\"] "
            "[uri \"/a\"] [unique_id \"0f8f\"] [ref \"v7,8t:lowercase\"]");
}

TEST_F(Audit, ALineSaysWhatWasRefused) {
  match.disruptive = true;
  facts.status = 406;
  EXPECT_THAT(error_line(match, facts),
              ::testing::StartsWith("ModSecurity: Access denied with code 406 (phase 2). "));
}

TEST_F(Audit, WhatAClientSendsCannotPretendToBeAnotherField) {
  match.data = "x\"] [id \"1\\\"]\r\nModSecurity: \xff";
  std::string line = error_line(match, facts);
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, Not(HasSubstr("[id \"1")));
  EXPECT_THAT(line, HasSubstr(R"([data "x\"] [id \"1\\\"]\x0d\x0aModSecurity: \xff"])"));
}

TEST_F(Audit, ALineOfASecActionHasNoVariable) {
  rule.chain.front().op = nullptr;
  EXPECT_THAT(error_line(match, facts), HasSubstr("Warning. Unconditional match. [file "));
}

TEST_F(Audit, LongFieldsAreCut) {
  std::string data(300, 'd');
  match.data = data;
  EXPECT_THAT(error_line(match, facts),
              HasSubstr(std::string(200, 'd') + " (100 characters omitted)\"]"));
}

TEST_F(Audit, TheJsonLogHoldsThePartsThatAreAskedFor) {
  const Field headers[] = {
      {.name = "Host", .value = "h"}, {.name = "X", .value = "1"}, {.name = "x", .value = "2"}};
  AuditRecord record{.parts = "AZ",
                     .seconds = 0,
                     .unique_id = "0f8f",
                     .server_id = "s",
                     .client = "192.0.2.7",
                     .client_port = 1,
                     .server = "10.0.0.1",
                     .server_port = 443,
                     .method = "POST",
                     .uri = "/a?b",
                     .version = "1.1",
                     .request_headers = headers,
                     .request_body = "id=1\xff",
                     .status = 403,
                     .response_headers = headers,
                     .response_body = "no",
                     .mode = EngineMode::on,
                     .components = "OWASP_CRS/4.28.0, own",
                     .matches = {&match, 1}};
  std::string line = json_log(record);
  EXPECT_THAT(line, HasSubstr(R"("request":{"method":"POST","http_version":1.1,"uri":"/a?b"})"));
  EXPECT_THAT(line, HasSubstr(R"("response":{"http_code":403}}})"));
  EXPECT_THAT(line, EndsWith("\n"));

  record.parts = "ABCEFHZ";
  record.version = "TEST";
  line = json_log(record);
  EXPECT_THAT(line, HasSubstr(R"("http_version":"TEST")"));
  EXPECT_THAT(line, HasSubstr(R"("body":"id=1\u00ff","headers":{"Host":"h","X":"1, 2"}})"));
  EXPECT_THAT(line,
              HasSubstr(R"("secrules_engine":"Enabled","components":["OWASP_CRS/4.28.0","own"])"));
  EXPECT_THAT(line, HasSubstr(R"("messages":[{"message":"SQL Injection","details":{"match":")"));
  EXPECT_THAT(line, HasSubstr(R"("reference":"v7,8t:lowercase",)"));
  EXPECT_THAT(line, HasSubstr(R"("ruleId":"942100","file":"sqli.conf","lineNumber":"31")"));
  EXPECT_THAT(line, HasSubstr(R"("tags":["attack-sqli","paranoia-level/1"])"));
}

TEST_F(Audit, TheJsonLogLeavesOutWhatRulesKeepFromIt) {
  rule.audit = false;
  AuditRecord record{.parts = "AHZ", .matches = {&match, 1}};
  EXPECT_THAT(json_log(record), HasSubstr(R"("messages":[]})"));
}

}  // namespace
}  // namespace sallyport::seclang
