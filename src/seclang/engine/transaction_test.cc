#include "seclang/engine/transaction.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "seclang/parser/load.h"

namespace sallyport::seclang {
namespace {

// The only value of a variable of a request for `uri`.
std::string value_of(Variable variable, std::string_view uri) {
  auto rules = load({{.path = "test.conf", .text = "SecRuleEngine On"}});
  EXPECT_TRUE(rules);
  std::array<std::byte, 4096> block;  // NOLINT(*-member-init): the arena's
  Arena arena(block);
  SharedCollections shared;
  Transaction transaction(**rules, shared, arena, {.unique_id = "1"});
  transaction.set_request("GET", uri, "1.1");
  std::vector<Value> values = transaction.values(variable);
  return values.size() == 1 ? std::string(values.front().text) : "not one value";
}

TEST(TransactionTest, an_encoded_question_mark_hides_nothing_of_the_path) {
  EXPECT_EQ(value_of(Variable::request_filename, "/one/t%3Fo/attack?a=1"), "/one/t?o/attack");
  EXPECT_EQ(value_of(Variable::query_string, "/one/t%3Fo/attack?a=1"), "a=1");
  EXPECT_EQ(value_of(Variable::request_basename, "/one%2fattack"), "attack");
}

TEST(TransactionTest, a_fragment_belongs_to_nothing_but_the_raw_target) {
  EXPECT_EQ(value_of(Variable::args_get, "/?a=1#fragment"), "1");
  EXPECT_EQ(value_of(Variable::request_uri, "/?a=1#fragment"), "/?a=1");
  EXPECT_EQ(value_of(Variable::request_uri_raw, "/?a=1#fragment"), "/?a=1#fragment");
}

// A request on which rules are run as far as phase 4.
class Request {
 public:
  explicit Request(const std::string& rules) : rules_(load_rules(rules)) {}

  std::string method = "POST";
  std::string uri = "/index.html?one=1&two=2";
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Host", "a.example:80"},
      {"Cookie", "k=v; session=abc"},
      {"Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
      {"Content-Type", "application/x-www-form-urlencoded"}};
  std::string body = "three=3&four=4";
  Observer* observer = nullptr;

  Transaction& run() {
    transaction_.watch(observer);
    transaction_.set_connection("192.0.2.7", 1, "192.0.2.1", 443);
    transaction_.set_request(method, uri, "1.1");
    for (const auto& [name, value] : headers) transaction_.add_request_header(name, value);
    transaction_.request_headers();
    transaction_.set_request_body(body);
    transaction_.request_body();
    transaction_.set_response(200, "HTTP/1.1");
    transaction_.add_response_header("Content-Type", "text/html");
    transaction_.response_headers();
    transaction_.set_response_body("answer");
    transaction_.response_body();
    return transaction_;
  }

  // As it goes over the wire, as far as ModSecurity counts it: single bytes end lines.
  [[nodiscard]] std::string wire() const {
    std::string text = method + " " + uri + " HTTP/1.1\n";
    for (const auto& [name, value] : headers) text += name + ": " + value + "\n";
    return text;
  }

 private:
  static std::shared_ptr<const RuleSet> load_rules(const std::string& text) {
    auto rules = load({{.path = "test.conf", .text = text}});
    if (rules) return *rules;
    ADD_FAILURE() << rules.error().front().message;
    return std::make_shared<const RuleSet>();
  }

  std::shared_ptr<const RuleSet> rules_;
  std::array<std::byte, 4096> block_{};
  Arena arena_{block_};
  SharedCollections shared_;
  Transaction transaction_{*rules_, shared_, arena_, {.unique_id = "1"}};
};

std::string reference_of(const std::string& rule, Request& request) {
  const std::vector<Match>& matches = request.run().matches();
  return matches.size() == 1 ? std::string(matches.front().reference) : "not one match: " + rule;
}

std::string reference_of(const std::string& rule) {
  Request request(rule);
  return reference_of(rule, request);
}

// "v12,3": where `text` stands behind the request line's beginning.
std::string at(const std::string& wire, std::string_view text) {
  return "v" + std::to_string(wire.find(text)) + "," + std::to_string(text.size());
}

TEST(Reference, says_where_a_value_stands_and_what_was_found_in_it) {
  const std::string wire = Request("SecRuleEngine On").wire();
  auto rule = [](const std::string& target, const std::string& op) {
    return reference_of("SecRule " + target + " \"" + op + "\" \"id:1,phase:2,pass\"");
  };
  EXPECT_EQ(rule("REQUEST_METHOD", "@streq POST"), "v0,4");
  EXPECT_EQ(rule("REQUEST_LINE", "@contains html"),
            "o12,4" + at(wire, "POST /index.html?one=1&two=2 HTTP/1.1"));
  EXPECT_EQ(rule("REQUEST_BASENAME", "@beginsWith ind"), "o0,3" + at(wire, "index.html"));
  EXPECT_EQ(rule("REQUEST_FILENAME", "@endsWith html"), "o7,4" + at(wire, "/index.html"));
  EXPECT_EQ(rule("QUERY_STRING", "@rx two"), "o6,3" + at(wire, "one=1&two=2"));
  EXPECT_EQ(rule("REQUEST_PROTOCOL", "@streq HTTP/1.1"), at(wire, "HTTP/1.1"));
  EXPECT_EQ(rule("ARGS:two", "@eq 2"), "v" + std::to_string(wire.find("two=2") + 4) + ",1");
  EXPECT_EQ(rule("ARGS_GET_NAMES", "@streq two"), at(wire, "two"));
  EXPECT_EQ(rule("REQUEST_HEADERS:Cookie", "@contains abc"),
            "o13,3" + at(wire, "k=v; session=abc"));
  EXPECT_EQ(rule("REQUEST_HEADERS_NAMES", "@streq Cookie"), at(wire, "Cookie"));
  EXPECT_EQ(rule("REQUEST_COOKIES:session", "@streq abc"), at(wire, "abc"));
  EXPECT_EQ(rule("REQUEST_COOKIES_NAMES", "@streq session"), at(wire, "session"));
  EXPECT_EQ(rule("AUTH_TYPE", "@streq Basic"), at(wire, "Basic"));
  EXPECT_EQ(rule("REMOTE_USER", "@streq Aladdin"), at(wire, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
  EXPECT_EQ(rule("SERVER_NAME", "@streq a.example"), at(wire, "a.example"));
  EXPECT_EQ(rule("REMOTE_ADDR", "@ipMatch 192.0.2.7"), "v0,9");
  EXPECT_EQ(rule("&ARGS", "@eq 4"), "") << "a number of values stands nowhere";
  EXPECT_EQ(rule("TX:x", "!@eq 0"), "not one match: SecRule TX:x \"!@eq 0\" \"id:1,phase:2,pass\"");
  EXPECT_EQ(rule("TIME_YEAR", "@gt 0"), "") << "nor does the clock";
}

TEST(Reference, counts_one_byte_more_before_a_form) {
  const std::string wire = Request("SecRuleEngine On").wire() + "\nthree=3&four=4";
  auto rule = [](const std::string& target, const std::string& op) {
    return reference_of("SecRule " + target + " \"" + op + "\" \"id:1,phase:2,pass\"");
  };
  EXPECT_EQ(rule("ARGS_POST:four", "@eq 4"), "v" + std::to_string(wire.find("four=4") + 5) + ",1");
  EXPECT_EQ(rule("ARGS_POST_NAMES", "@streq four"), at(wire, "four"));
  EXPECT_EQ(rule("REQUEST_BODY", "@beginsWith three"), "o0,5" + at(wire, "three=3&four=4"));
  EXPECT_EQ(rule("REQUEST_BODY_LENGTH", "@eq 14"), at(wire, "three=3&four=4"));
  EXPECT_EQ(rule("ARGS_COMBINED_SIZE", "@gt 0"),
            at(wire, "one") + "v" + std::to_string(wire.find("one=1") + 4) + ",1" +
                at(wire, "two") + "v" + std::to_string(wire.find("two=2") + 4) + ",1" +
                at(wire, "three") + "v" + std::to_string(wire.find("three=3") + 6) + ",1" +
                at(wire, "four") + "v" + std::to_string(wire.find("four=4") + 5) + ",1");
}

TEST(Reference, lists_groups_values_links_and_transformations) {
  EXPECT_EQ(reference_of("SecRule REQUEST_METHOD \"(P)(O)S\" "
                         "\"id:1,phase:2,pass,t:none,t:trim,t:LowerCase,t:upperCase\""),
            "o0,3o0,1o1,1v0,4t:trim,t:LowerCase,t:upperCase");
  EXPECT_EQ(reference_of("SecDefaultAction \"phase:2,pass,t:trim\"\n"
                         "SecRule REMOTE_PORT|REMOTE_ADDR \"@contains 1\" "
                         "\"id:1,phase:2,pass,t:lowercase,chain\"\n"
                         "SecRule REQUEST_METHOD \"@streq POST\" \"t:none\""),
            "o0,1v0,1t:trim,t:lowercaseo0,1v0,9t:trim,t:lowercasev0,4");
}

TEST(Reference, with_multi_match_names_the_form_that_matched) {
  Request request(
      "SecRule REQUEST_METHOD \"@rx ^(?i)post$\" "
      "\"id:1,phase:2,pass,multiMatch,t:trim,t:lowercase\"");
  const std::vector<Match>& matches = request.run().matches();
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].reference, "o0,4v0,4");
  EXPECT_EQ(matches[1].reference, "o0,4v0,4t:lowercase");
}

TEST(Reference, counts_multipart_bodies_from_their_names_and_contents) {
  Request request(
      "SecRule ARGS_POST \"@streq v\" \"id:1,phase:2,pass\"\n"
      "SecRule FILES_SIZES \"@eq 4\" \"id:2,phase:2,pass\"\n"
      "SecRule FILES|FILES_NAMES|MULTIPART_FILENAME \"@rx ^[fx]\" \"id:3,phase:2,pass\"");
  request.headers.back().second = "multipart/form-data; boundary=b";
  request.body =
      "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n--b\r\n"
      "Content-Disposition: form-data; name=\"f\"; filename=x\r\n\r\nfile\r\n--b--\r\n";
  const std::vector<Match>& matches = request.run().matches();
  ASSERT_EQ(matches.size(), 3U);
  const std::size_t begin = request.wire().size();
  auto place = [&](std::string_view text, std::size_t more) {
    return "v" + std::to_string(begin + request.body.find(text) + more);
  };
  EXPECT_EQ(matches[0].reference, place("v\r\n", 1) + ",1");
  EXPECT_EQ(matches[1].reference, place("file\r\n", 2) + ",4");
  EXPECT_EQ(matches[2].reference, "o0,1" + place("x\r\n", 0) + ",1o0,1" + place("f\"", 1) +
                                      ",1o0,1" + place("x\r\n", 0) + ",1");
}

TEST(Reference, counts_members_of_json_from_their_own_names) {
  Request request(
      "SecAction \"id:9,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n"
      "SecRule ARGS_POST \"@streq v\" \"id:1,phase:2,pass\"");
  request.body = R"({"name":"v"})";
  const std::vector<Match>& matches = request.run().matches();
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches.front().reference, "v10,1") << "behind json.name and one byte";
}

TEST(Reference, grows_only_so_far_however_much_matches) {
  Request request("SecRule ARGS \"@rx 1\" \"id:1,phase:2,pass\"");
  request.uri = "/?a=1";
  for (int i = 0; i < 900; ++i) request.uri += "&a=1";
  const std::vector<Match>& matches = request.run().matches();
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches.front().reference.size(), 2048U);
}

TEST(BodyLimits, without_files_a_body_has_one_of_its_own) {
  const std::string rules =
      "SecRuleEngine On\nSecRequestBodyNoFilesLimit 13\n"
      "SecRule REQBODY_ERROR \"@eq 1\" \"id:1,phase:2,deny,status:400,msg:'%{REQBODY_ERROR_MSG}'\"";
  Request request(rules);
  Transaction& large = request.run();
  ASSERT_TRUE(large.intervention());
  EXPECT_EQ(large.intervention()->status, 400);
  EXPECT_EQ(large.matches().front().message,
            "Request body excluding files is bigger than the maximum expected.");
  EXPECT_TRUE(large.values(Variable::args_post).empty()) << "it is not even taken apart";

  Request small(rules);
  small.body = "three=3&fou=4";
  EXPECT_FALSE(small.run().intervention());

  // Of a multipart body only files may be larger.
  Request files(rules);
  files.headers.back().second = "multipart/form-data; boundary=b";
  files.body = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n--b--\r\n";
  EXPECT_TRUE(files.run().intervention());
}

TEST(BodyLimits, beyond_one_rules_are_evaluated_for_those_who_go_on) {
  Request request(
      "SecRuleEngine On\nSecRequestBodyLimit 2\n"
      "SecRule INBOUND_DATA_ERROR \"@eq 1\" \"id:1,phase:3,pass\"");
  Transaction& transaction = request.run();
  ASSERT_TRUE(transaction.intervention());
  EXPECT_EQ(transaction.intervention()->rule, nullptr);
  EXPECT_EQ(transaction.matches().size(), 1U);
}

TEST(ResponseBodies, without_mime_types_are_not_looked_at) {
  const std::string rules =
      "SecResponseBodyAccess On\nSecRule RESPONSE_BODY \"@contains answer\" "
      "\"id:1,phase:4,pass\"\n";
  Request all(rules);
  EXPECT_EQ(all.run().matches().size(), 1U);
  Request none(rules + "SecResponseBodyMimeTypesClear\n");
  EXPECT_EQ(none.run().matches().size(), 0U);
}

TEST(Collections, that_nobody_opened_end_with_the_transaction) {
  auto rules = load({{.path = "test.conf",
                      .text = "SecAction \"id:1,phase:1,pass,nolog,setvar:ip.score=+1\"\n"
                              "SecRule IP:score \"@eq 1\" \"id:2,phase:1,pass\""}});
  ASSERT_TRUE(rules);
  SharedCollections shared;
  for (int i = 0; i < 2; ++i) {
    std::array<std::byte, 4096> block;  // NOLINT(*-member-init): the arena's
    Arena arena(block);
    Transaction transaction(**rules, shared, arena, {.unique_id = "1"});
    transaction.request_headers();
    EXPECT_EQ(transaction.matches().size(), 1U) << i;
  }
}

TEST(Xml, expressions_know_the_namespaces_of_their_rule) {
  const std::string rules =
      "SecAction \"id:9,phase:1,pass,nolog,ctl:requestBodyProcessor=XML\"\n"
      "SecRule XML:/s:a/s:b \"@streq v\" \"id:1,phase:2,pass,xmlns:s='http://one/'\"\n"
      "SecRule XML:/s:a/s:b \"@streq v\" \"id:2,phase:2,pass,xmlns:s='http://two/'\"";
  Request request(rules);
  request.body = "<a xmlns='http://two/'><b>v</b></a>";
  const std::vector<Match>& matches = request.run().matches();
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches.front().rule->id, 2);
}

}  // namespace
}  // namespace sallyport::seclang
