#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/waf/base64.h"
#include "cli/waf/exchange.h"
#include "cli/waf/ftw_judge.h"
#include "cli/waf/ftw_request.h"
#include "cli/waf/ftw_suite.h"
#include "cli/waf/reflect.h"

namespace sallyport::cli::waf {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(FtwRequest, IsBuiltAsGoFtwBuildsIt) {
  struct Case {
    FtwInput input;
    std::string bytes;
  };
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  const Case cases[] = {
      {{}, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"},
      {{.method = "  GET", .uri = "", .version = "TEST", .autocomplete_headers = false},
       "  GET  TEST\r\n\r\n"},
      {{.headers = {{"Connection", "keep-alive"}}},
       "GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n"},
      // A method that may have a body has a length, and go-ftw's idea of those methods is a wide
      // one.
      {{.method = "POST"}, "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
      {{.method = "INPUT"}, "INPUT / HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
      {{.method = "DELETED"}, "DELETED / HTTP/1.1\r\nConnection: close\r\n\r\n"},
      // Forms are escaped pair by pair, unless they look escaped already.
      {{.data = "a=1 2&b&c==&"},
       "GET / HTTP/1.1\r\n" + form +
           "Connection: close\r\nContent-Length: 13\r\n\r\na=1+2&b&c=%3D"},
      {{.data = "a=%20"},
       "GET / HTTP/1.1\r\n" + form + "Connection: close\r\nContent-Length: 5\r\n\r\na=%20"},
      {{.data = "a=<b>", .autocomplete_headers = false}, "GET / HTTP/1.1\r\n\r\na=<b>"},
      {{.headers = {{"content-type", "text/plain"}}, .data = "a=<b>"},
       "GET / HTTP/1.1\r\ncontent-type: text/plain\r\nConnection: close\r\nContent-Length: "
       "5\r\n\r\na=<b>"},
      {{.headers = {{"Content-Length", "1"}, {"Content-Type", "multipart/form-data; boundary=b"}},
        .data = "--b\n\n"},
       "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
       "Connection: close\r\n\r\n--b\r\n\r\n"},
      {{.data = "ignored", .raw = "anything"}, "anything"},
  };
  for (const Case& each : cases) EXPECT_EQ(build_request(each.input), each.bytes);
}

TEST(FtwSuite, FillsInTheTemplatesItKnowsAndKeepsTheRest) {
  EXPECT_EQ(fill_in_templates("a{{ \"1\" | repeat 3 }}b{{repeat 2 \"xy\"}}"), "a111bxyxy");
  EXPECT_EQ(fill_in_templates("{{7*7}} {{ }} {{ \"open"), "{{7*7}} {{ }} {{ \"open");
  EXPECT_EQ(fill_in_templates("{{ \"1\" | repeat x }}"), "{{ \"1\" | repeat x }}");
}

constexpr std::string_view kFile = R"(---
meta: {author: nobody}
rule_id: 942100
tests:
  - test_id: 7
    desc: what is read
    stages:
      - input:
          dest_addr: 127.0.0.1
          method: POST
          uri: "/a?b"
          headers: {User-Agent: u, Accept: "*/*"}
          encoded_data: aWQ9MQ==
        output: {status: 403, log: {expect_ids: [942100, 949110], no_expect_ids: [1]}}
      - input:
          headers: [{name: B, value: 1}, {name: A, value: 2}, {name: B, value: 3}]
          autocomplete_headers: false
          encoded_request: R0VU
        output: {expect_error: true, log: {match_regex: "x", no_match_regex: ["y", "z"]}}
)";

FtwSuite suite_of(std::string_view text, std::string* errors = nullptr) {
  FtwSuite suite;
  schema::Diagnostics diagnostics;
  read_tests(text, "942100.yaml", "SQLI", suite, diagnostics);
  if (errors != nullptr) *errors = diagnostics.to_text();
  if (errors == nullptr) EXPECT_EQ(diagnostics.to_text(), "");
  return suite;
}

TEST(FtwSuite, ReadsWhatATestFileSays) {
  FtwSuite suite = suite_of(kFile);
  ASSERT_THAT(suite.tests, SizeIs(1));
  const FtwTest& test = suite.tests.front();
  EXPECT_EQ(test.name(), "942100-7");
  EXPECT_EQ(test.group, "SQLI");
  ASSERT_THAT(test.stages, SizeIs(2));
  const FtwStage& first = test.stages[0];
  EXPECT_EQ(first.input.method, "POST");
  EXPECT_EQ(first.input.uri, "/a?b");
  EXPECT_EQ(first.input.data, "id=1");
  EXPECT_EQ(first.input.headers[0].name, "Accept") << "those of a map are sorted";
  EXPECT_THAT(first.output.status, ElementsAre(403U));
  EXPECT_THAT(first.output.expect_ids, ElementsAre(942100, 949110));
  EXPECT_THAT(first.output.no_expect_ids, ElementsAre(1));
  const FtwStage& second = test.stages[1];
  EXPECT_EQ(second.input.raw, "GET");
  EXPECT_FALSE(second.input.autocomplete_headers);
  EXPECT_THAT(second.input.headers, SizeIs(3));
  EXPECT_EQ(second.input.headers[1].name, "A") << "those of a list are not";
  EXPECT_TRUE(second.output.expect_error);
  EXPECT_THAT(second.output.match_regex, ElementsAre("x"));
  EXPECT_THAT(second.output.no_match_regex, ElementsAre("y", "z"));
}

TEST(FtwSuite, CountsFilesThatHaveNothingToRun) {
  EXPECT_EQ(suite_of("\n").empty, 1U);
  FtwSuite suite = suite_of("meta: {enabled: false}\ntests: [{test_id: 1}, {test_id: 2}]\n");
  EXPECT_EQ(suite.disabled, 2U);
  EXPECT_THAT(suite.tests, IsEmpty());
}

TEST(FtwSuite, SaysWhereATestFileIsWrong) {
  std::string errors;
  suite_of("rule_id: x\ntests:\n  - {test_id: 1, stages: [{input: {}}]}\n  - {test_id: 2}\n",
           &errors);
  EXPECT_THAT(errors, HasSubstr("942100.yaml:1:10: error: this must be a number"));
  EXPECT_THAT(errors, HasSubstr("942100.yaml:3:27: error: a stage needs an input and an output"));
  EXPECT_THAT(errors, HasSubstr("942100.yaml:4:5: error: the test has no stages"));
}

TEST(FtwSuite, OverridesReplaceWhatIsExpected) {
  FtwSuite suite = suite_of(kFile);
  schema::Diagnostics diagnostics;
  std::size_t replaced = apply_overrides(
      "test_overrides:\n"
      "  - {rule_id: 942100, test_ids: [7, 8], reason: r, output: {log: {no_expect_ids: [5]}}}\n"
      "  - {rule_id: 942101, test_ids: [7], reason: r}\n",
      "o.yaml", suite, diagnostics);
  EXPECT_EQ(replaced, 1U);
  for (const FtwStage& stage : suite.tests.front().stages) {
    EXPECT_THAT(stage.output.status, IsEmpty());
    EXPECT_THAT(stage.output.expect_ids, IsEmpty());
    EXPECT_THAT(stage.output.no_expect_ids, ElementsAre(5));
  }
}

TEST(FtwJudge, FindsRuleIdsInEveryKindOfLog) {
  EXPECT_THAT(ids_in({R"(... [id "942100"] [id \"942101\"])", R"({"id":942102,"ruleId":"942103"})",
                      R"({"sallyport.waf.rules":[942105,942106],"x":[942107]})",
                      R"({"id":"12ab","width":942104,"request_id":"1"})"}),
              ElementsAre(942100, 942101, 942102, 942103, 942105, 942106));
}

TEST(FtwJudge, SaysWhatIsNotAsItShouldBe) {
  const std::vector<std::string> lines{R"([id "1"] [msg "m"])"};
  struct Case {
    FtwOutput expected;
    Observed observed;
    std::vector<std::string> reasons;
  };
  const Case cases[] = {
      {{}, {.status = 200, .lines = lines}, {}},
      {{.status = {200, 403},
        .expect_ids = {1},
        .no_expect_ids = {2},
        .match_regex = {"\"m\"$|m\"]"}},
       {.status = 403, .lines = lines},
       {}},
      {{.status = {400}}, {.status = 200, .lines = lines}, {"status 200 instead of 400"}},
      {{.expect_ids = {1, 2, 3}},
       {.status = 200, .lines = lines},
       {"did not match: 2 3; matched: 1"}},
      {{.no_expect_ids = {1}}, {.status = 200, .lines = lines}, {"must not match: 1"}},
      {{.match_regex = {"n+"}}, {.status = 200, .lines = lines}, {"no line has n+"}},
      {{.no_match_regex = {"m"}}, {.status = 200, .lines = lines}, {"a line has m; matched: 1"}},
      {{}, {.error = "reset"}, {"no answer: reset"}},
      {{.expect_error = true, .expect_ids = {2}}, {.error = "reset"}, {}},
  };
  for (const Case& each : cases) EXPECT_EQ(judge(each.expected, each.observed), each.reasons);
}

TEST(Exchange, TakesRequestsApartThatNoServerWouldTake) {
  WebRequest request = read_request(
      "  POST /a b?c HTTP/1.1\r\nHost:h \r\nX\r\n folded\r\nContent-Length: 3\n\nabcdef");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.uri, "/a b?c");
  EXPECT_EQ(request.version, "1.1");
  EXPECT_EQ(*request.header("HOST"), "h");
  EXPECT_EQ(*request.header("x"), " folded");
  EXPECT_EQ(request.body, "abc");
  EXPECT_EQ(read_request("GET / JUNK/1.0\r\n\r\n").version, "JUNK/1.0");
  EXPECT_EQ(read_request("GET / \r\n\r\n").version, "0.9");
  EXPECT_EQ(read_request("GET /\r\n\r\nbody").body, "");
  EXPECT_EQ(read_request("P / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "3\r\nabc\r\nA;x\r\n0123456789\r\n0\r\n\r\n")
                .body,
            "abc0123456789");
}

TEST(Exchange, KnowsWhatTheGatewayRefuses) {
  EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 0U);
  EXPECT_EQ(refused_with(" GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400U);
  EXPECT_EQ(refused_with("GET / HTTP/0.9\r\nHost: h\r\n\r\n"), 505U);
}

TEST(Reflect, AnswersWhatItIsAskedToAnswer) {
  WebRequest request{.method = "POST", .uri = "/reflect?x"};
  request.body = R"({"status": 503, "headers": {"Content-Type": "a/b"}, "body": "x\ny"})";
  WebResponse response = reflect(request);
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.headers.front().value, "a/b");
  EXPECT_EQ(response.body, "x\ny");
  request.body = R"({"encodedBody": "cDw+"})";
  response = reflect(request);
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.body, "p<>");
  EXPECT_EQ(response.headers.front().value, "text/plain; charset=utf-8");
  request.body = "{";
  EXPECT_EQ(reflect(request).status, 400U);
  request.method = "GET";
  EXPECT_EQ(reflect(request).status, 200U);
  EXPECT_EQ(reflect(request).body, "");
}

TEST(Reflect, FindsOutContentTypes) {
  EXPECT_EQ(sniffed_type(" \n<HTML><p>"), "text/html; charset=utf-8");
  EXPECT_EQ(sniffed_type("<htmlx>"), "text/plain; charset=utf-8");
  EXPECT_EQ(sniffed_type("<?xml v"), "text/xml; charset=utf-8");
  EXPECT_EQ(sniffed_type("a\x01"), "application/octet-stream");
}

TEST(Base64, TakesLineEndsAndNothingElseBesides) {
  EXPECT_EQ(decode_base64("YQ=="), "a");
  EXPECT_EQ(decode_base64("YW\nI=\n"), "ab");
  EXPECT_EQ(decode_base64("YWJj"), "abc");
  EXPECT_EQ(decode_base64(""), "");
  for (const char* wrong : {"YQ", "YQ=", "Y===", "YQ==YQ==", "Y Q=", "!!!!"}) {
    EXPECT_EQ(decode_base64(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace sallyport::cli::waf
