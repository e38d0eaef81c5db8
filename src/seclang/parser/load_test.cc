// Rules, chains, defaults, markers, settings and files: what loads, and what is wrong with the
// rest.
#include "seclang/parser/load.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "seclang/parser/test_rules.h"

namespace sallyport::seclang {
namespace {

using testing::errors_in;
using testing::first;
using testing::ids;
using testing::load_text;

std::vector<std::string_view> names(const std::vector<const Transformation*>& transformations) {
  std::vector<std::string_view> out;
  for (const Transformation* each : transformations) out.push_back(each->name);
  return out;
}

TEST(Load, a_rule_has_targets_an_operator_and_actions) {
  auto rules = load_text(
      "secrule ARGS|!ARGS:x \"!@Contains %{tx.a} b\" \\\n"
      "  \"id:7,phase:1,deny,status:406,msg:'m',t:lowercase\"");
  const Rule& rule = first(*rules, 1);
  EXPECT_EQ(rule.id, 7);
  EXPECT_EQ(rule.phase, 1);
  EXPECT_EQ(rule.disruptive, Disruptive::deny);
  EXPECT_EQ(rule.status, 406);
  EXPECT_EQ(rule.file, "rules.conf");
  EXPECT_EQ(rule.line, 1U);
  ASSERT_EQ(rule.chain.size(), 1U);
  const Link& link = rule.chain.front();
  EXPECT_EQ(link.targets.size(), 2U);
  EXPECT_TRUE(link.negated);
  EXPECT_EQ(link.operator_name, "Contains");
  EXPECT_EQ(link.argument.source(), "%{tx.a} b");
  EXPECT_NE(link.op, nullptr);
  EXPECT_EQ(names(link.transformations), std::vector<std::string_view>{"lowercase"});
  EXPECT_EQ(rules->find(7), &rule);
  EXPECT_EQ(rules->find(8), nullptr);
}

TEST(Load, without_a_name_the_operator_is_rx) {
  struct Case {
    std::string text;
    std::string name;
    std::string argument;
    bool negated;
  };
  const Case cases[] = {
      {"^a b$", "rx", "^a b$", false},
      {"!^a", "rx", "^a", true},
      {" a", "rx", " a", false},
      {"! @eq 1", "eq", "1", true},
      {" @eq 1", "eq", "1", false},
      {"@rx  a ", "rx", " a ", false},
      {"@rx", "rx", "", false},
      {"rx .", "rx", "rx .", false},
      {R"(a\"b\d)", "rx", R"(a"b\d)", false},
  };
  for (const Case& each : cases) {
    auto rules = load_text("SecRule ARGS \"" + each.text + "\" \"id:1\"");
    ASSERT_EQ(rules->phases[2].size(), 1U) << each.text;
    const Link& link = first(*rules).chain.front();
    EXPECT_EQ(link.operator_name, each.name) << each.text;
    EXPECT_EQ(link.argument.source(), each.argument) << each.text;
    EXPECT_EQ(link.negated, each.negated) << each.text;
  }
}

TEST(Load, a_rule_runs_in_phase_2_unless_it_says_otherwise) {
  auto rules = load_text("SecAction id:1,nolog\nSecRule ARGS x \"id:2,phase:logging\"");
  EXPECT_EQ(ids(*rules, 2), std::vector<std::int64_t>{1});
  EXPECT_EQ(ids(*rules, 5), std::vector<std::int64_t>{2});
  EXPECT_EQ(first(*rules).chain.front().operator_name, "unconditionalMatch");
  EXPECT_TRUE(first(*rules).chain.front().targets.empty());
}

TEST(Load, a_chain_is_one_rule) {
  auto rules = load_text(R"(
SecRule ARGS a "id:1,phase:1,deny,chain"
  SecRule ARGS b "t:none,setvar:tx.x=1,status:444,chain"
  SecRule ARGS c "capture"
SecRule ARGS d "id:2,phase:1")");
  EXPECT_EQ(ids(*rules, 1), (std::vector<std::int64_t>{1, 2}));
  const Rule& rule = first(*rules, 1);
  ASSERT_EQ(rule.chain.size(), 3U);
  EXPECT_EQ(rule.chain[1].actions.setvars.size(), 1U);
  EXPECT_TRUE(rule.chain[2].actions.capture);
  EXPECT_EQ(rule.chain[2].line, 4U);
  EXPECT_EQ(rule.status, 444);  // the first link says none
}

TEST(Load, the_first_link_has_the_last_word_about_logging) {
  auto rules = load_text(R"(
SecRule ARGS a "id:1,nolog,chain"
  SecRule ARGS b "log"
SecRule ARGS a "id:2,chain"
  SecRule ARGS b "nolog"
SecRule ARGS a "id:3,noauditlog"
SecRule ARGS a "id:4")");
  EXPECT_FALSE(rules->find(1)->log);
  EXPECT_FALSE(rules->find(2)->log);
  EXPECT_FALSE(rules->find(3)->log);
  EXPECT_FALSE(rules->find(3)->audit);
  EXPECT_TRUE(rules->find(4)->log);
  EXPECT_TRUE(rules->find(4)->audit);
}

TEST(Load, a_block_anywhere_in_a_chain_asks_for_the_default_action) {
  auto rules = load_text(R"(
SecRule ARGS a "id:1,chain"
  SecRule ARGS b "block"
SecRule ARGS a "id:2,block,pass"
SecRule ARGS a "id:3")");
  EXPECT_EQ(rules->find(1)->disruptive, Disruptive::block);
  EXPECT_EQ(rules->find(2)->disruptive, Disruptive::pass);
  EXPECT_EQ(rules->find(3)->disruptive, Disruptive::none);
}

TEST(Load, defaults_are_for_all_rules_of_their_phase) {
  auto rules = load_text(R"(
SecRule ARGS a "id:1,t:trim"
SecDefaultAction "phase:2,nolog,auditlog,deny,status:406,t:lowercase,tag:'x'"
SecDefaultAction "nolog,pass"
SecRule ARGS a "id:2,t:none,t:trim,nolog"
SecRule ARGS a "id:3,phase:1"
SecRule ARGS a "id:4,phase:3")");
  EXPECT_EQ(names(rules->find(1)->chain[0].transformations),
            (std::vector<std::string_view>{"lowercase", "trim"}));
  EXPECT_TRUE(rules->find(1)->log);  // auditlog says log
  EXPECT_EQ(names(rules->find(2)->chain[0].transformations), std::vector<std::string_view>{"trim"});
  EXPECT_FALSE(rules->find(2)->log);
  EXPECT_FALSE(rules->find(3)->log);
  EXPECT_TRUE(rules->find(4)->log);
  EXPECT_TRUE(rules->defaults[2].given);
  EXPECT_EQ(rules->defaults[2].disruptive, Disruptive::deny);
  EXPECT_EQ(rules->defaults[2].status, 406);
  EXPECT_EQ(rules->defaults[2].actions.tags.size(), 1U);
  EXPECT_TRUE(rules->defaults[1].given);  // the phase of defaults that name none
  EXPECT_FALSE(rules->defaults[3].given);
}

TEST(Load, skip_after_leads_behind_the_next_marker_in_every_phase) {
  auto rules = load_text(R"(
SecMarker END
SecRule ARGS a "id:1,phase:1,skipAfter:END"
SecRule ARGS a "id:2,phase:2,skipAfter:END"
SecRule ARGS a "id:3,phase:1"
SecMarker "END"
SecRule ARGS a "id:4,phase:1"
SecMarker END)");
  EXPECT_EQ(rules->find(1)->skip_to, 2U);
  EXPECT_EQ(rules->phases[1][2].id, 4);
  EXPECT_EQ(rules->find(2)->skip_to, 1U);  // the phase ends
}

TEST(Load, jumps_know_which_rules_were_removed) {
  auto rules = load_text(R"(
SecRule ARGS a "id:1,skip:2"
SecRule ARGS a "id:2,skipAfter:END"
SecRule ARGS a "id:3"
SecRule ARGS a "id:4"
SecMarker END
SecRule ARGS a "id:5"
SecRuleRemoveById 3)");
  EXPECT_EQ(ids(*rules), (std::vector<std::int64_t>{1, 2, 4, 5}));
  EXPECT_EQ(rules->find(1)->skip, 1U);
  EXPECT_EQ(rules->find(2)->skip_to, 3U);
}

TEST(Load, settings_are_read) {
  auto rules = load_text(R"conf(
SecRuleEngine on
SecRequestBodyAccess On
SecRequestBodyLimit 5
SecRequestBodyNoFilesLimit 6
SecRequestBodyLimitAction ProcessPartial
SecRequestBodyJsonDepthLimit 7
SecArgumentsLimit 8
SecResponseBodyAccess On
SecResponseBodyMimeType text/plain text/css
SecResponseBodyMimeType application/json text/css
SecResponseBodyLimit 9
SecResponseBodyLimitAction ProcessPartial
SecPcreMatchLimit 10
SecPcreMatchLimitRecursion 11
SecArgumentSeparator ";"
SecCookieFormat 0
SecAuditEngine RelevantOnly
SecAuditLog /var/log/a
SecAuditLogParts ABIJDEFHZ
SecAuditLogFormat JSON
SecAuditLogType Concurrent
SecAuditLogStorageDir "/var/log"
SecAuditLogRelevantStatus "^(?:5|4(?!04))"
SecCollectionTimeout 12
SecComponentSignature "A/1"
SecComponentSignature "B/2"
SecWebAppId app
SecDataDir /tmp/
SecUploadFileLimit 13
SecParseXmlIntoArgs OnlyArgs
SecTmpDir /tmp/
SecContentInjection Off
)conf");
  const Settings& settings = rules->settings;
  EXPECT_EQ(settings.engine, EngineMode::on);
  EXPECT_TRUE(settings.request_body_access);
  EXPECT_EQ(settings.request_body_limit, 5U);
  EXPECT_EQ(settings.request_body_no_files_limit, 6U);
  EXPECT_FALSE(settings.request_body_limit_reject);
  EXPECT_EQ(settings.json_depth_limit, 7U);
  EXPECT_EQ(settings.arguments_limit, 8U);
  EXPECT_TRUE(settings.response_body_access);
  EXPECT_EQ(settings.response_mime_types,
            (std::vector<std::string>{"text/plain", "text/css", "application/json"}));
  EXPECT_EQ(settings.response_body_limit, 9U);
  EXPECT_FALSE(settings.response_body_limit_reject);
  EXPECT_EQ(settings.pcre_match_limit, 10U);
  EXPECT_EQ(settings.argument_separator, ';');
  EXPECT_EQ(settings.audit_engine, AuditMode::relevant_only);
  EXPECT_EQ(settings.audit_log, "/var/log/a");
  EXPECT_EQ(settings.audit_parts, "ABIJDEFHZ");
  EXPECT_TRUE(settings.audit_json);
  EXPECT_TRUE(settings.audit_concurrent);
  EXPECT_EQ(settings.audit_storage_directory, "/var/log");
  EXPECT_NE(settings.audit_relevant_status, nullptr);
  EXPECT_EQ(settings.collection_timeout, 12U);
  EXPECT_EQ(settings.component_signature, "A/1, B/2");
  EXPECT_EQ(settings.web_app_id, "app");
  EXPECT_EQ(settings.data_directory, "/tmp/");
  EXPECT_EQ(settings.upload_file_limit, 13U);
  EXPECT_EQ(settings.parse_xml_into_args, ControlParseXmlIntoArgs::Mode::only_args);
  std::vector<std::string> ignored;
  for (const auto& [name, line] : rules->ignored) ignored.push_back(name);
  EXPECT_EQ(ignored, (std::vector<std::string>{"SecPcreMatchLimitRecursion", "SecTmpDir",
                                               "SecContentInjection"}));
}

TEST(Load, mime_types_may_be_cleared) {
  auto rules = load_text("SecResponseBodyMimeTypesClear\nSecResponseBodyMimeType a/b");
  EXPECT_EQ(rules->settings.response_mime_types, std::vector<std::string>{"a/b"});
}

TEST(Load, files_are_included_beside_the_file_that_names_them) {
  testing::Tree tree = {
      {"/r/main.conf", "Include sub/*.conf\nIncludeOptional none/*.conf\nSecAction id:3"},
      {"/r/sub/a.conf", "SecAction id:1\nInclude deep.txt\nInclude top.txt"},
      {"/r/sub/b.conf", "SecRule ARGS \"@pmFromFile words.data\" id:2"},
      {"/r/sub/deep.txt", "SecAction id:10"},
      {"/r/top.txt", "SecAction id:11"},
      {"/r/sub/words.data", "foo\n"},
      {"/r/u.map", "20127 00a1:21\n"}};
  auto rules = load_with(
      {{.path = "/r/main.conf"}, {.path = "/r/inline", .text = "SecUnicodeMapFile u.map 20127"}},
      testing::files_of(tree));
  ASSERT_TRUE(rules) << testing::to_text(rules.error());
  EXPECT_EQ(ids(**rules), (std::vector<std::int64_t>{1, 10, 11, 2, 3}));
  EXPECT_EQ((*rules)->find(10)->file, "/r/sub/deep.txt");
  EXPECT_NE((*rules)->settings.unicode_map, nullptr);
  EXPECT_EQ((*rules)->files, (std::vector<std::string>{
                                 "/r/main.conf", "/r/sub/a.conf", "/r/sub/deep.txt", "/r/top.txt",
                                 "/r/sub/b.conf", "/r/u.map", "/r/sub/words.data"}));
}

TEST(Load, says_what_is_wrong_and_where) {
  struct Case {
    std::string text;
    std::string expected;
  };
  const Case cases[] = {
      {"SecRul ARGS x id:1", "1:1: there is no directive SecRul (did you mean SecRule?)"},
      {"\n  SecRule ARGS x y z",
       "2:20: SecRule takes targets, an operator and actions, not 4 "
       "arguments (put each of the three in double quotes)"},
      {"SecRule ARGS \"@rx (\" id:1", "1:15: "},
      {"SecRule ARGS \"@eqq 1\" id:1",
       "1:15: there is no operator @eqq (write @rx in front of a "
       "regular expression that begins with @)"},
      {"SecRule ARGS \"@inspectFile x\" id:1",
       "1:15: the operator @inspectFile is not supported: "},
      {"SecRule ARGS x",
       "1:1: SecRule: the rule has no id (give it one that no other rule has: "
       "id:...)"},
      {"SecAction id:1\nSecAction \"pass,id:1\"",
       "2:17: the id 1 is taken by the rule at rules.conf:1 (give every rule its own id, and "
       "include "
       "no file twice)"},
      {"SecAction \"id:1,\\\n  \tnoolog\"", "2:4: there is no action noolog (did you mean nolog?)"},
      {"SecRule ARGS x \"id:1,chain\"\nSecRule ARGS y \"t:none,deny\"",
       "2:24: deny: a rule behind a chain cannot decide (move it to the first rule of the chain)"},
      {"SecRule ARGS x \"id:1,phase:1,chain\"\nSecRule ARGS y \"phase:2\"",
       "2:17: phase:2 in a chain that runs in phase 1 (give the phase at the first rule of the "
       "chain "
       "only)"},
      {"SecAction \"id:1,skipAfter:END\"",
       "1:27: skipAfter: there is no marker END (put SecMarker END behind the rules to skip)"},
      {"SecMarker END\nSecAction \"id:1,skipAfter:END\"",
       "2:27: skipAfter: the marker END stands before the rule (put SecMarker END behind the rules "
       "to skip)"},
      {"SecDefaultAction \"phase:1,log,block\"",
       "1:1: SecDefaultAction does not say what `block` means (add one of deny, drop, redirect, "
       "allow or pass)"},
      {"SecDefaultAction \"phase:1,pass,id:1\"",
       "1:32: id is not for SecDefaultAction (remove it)"},
      {"SecDefaultAction phase:2,pass\nSecDefaultAction phase:2,deny",
       "2:1: SecDefaultAction: phase 2 has one already, at rules.conf:1 (keep one for each phase)"},
      {"SecRuleEngine Maybe", "1:15: SecRuleEngine: \"Maybe\" is not On, Off or DetectionOnly"},
      {"SecRequestBodyLimit", "1:1: SecRequestBodyLimit takes one argument, not 0"},
      {"SecRequestBodyLimit -1",
       "1:21: SecRequestBodyLimit: \"-1\" is not a number of 0 to "
       "18446744073709551615"},
      {"SecArgumentSeparator ab", "1:22: SecArgumentSeparator: \"ab\" is not a single character"},
      {"SecUnicodeMapFile a b 20127",
       "1:19: SecUnicodeMapFile: there is no file a b (write "
       "SecUnicodeMapFile unicode.mapping 20127)"},
      {"SecUnicodeMapFile a",
       "1:19: SecUnicodeMapFile: \"a\" is not the number of a code page "
       "(write SecUnicodeMapFile unicode.mapping 20127)"},
      {"SecCookieFormat 1",
       "1:17: SecCookieFormat: \"1\" is not 0: cookies of version 1 are not understood"},
      {"SecRuleScript x.lua id:1",
       "1:1: SecRuleScript is not supported: rules run no Lua (write a "
       "SecRule, or remove it)"},
      {"SecRemoteRules key https://x/",
       "1:1: SecRemoteRules is not supported: rules are not fetched from the net (download the "
       "file, review it and include it)"},
      {"SecContentInjection On",
       "1:1: SecContentInjection is not supported: nothing is added to "
       "responses (remove it)"},
      {"Include a.conf",
       "1:9: Include: there is no file a.conf (check the path, or use "
       "IncludeOptional)"},
      {"SecRuleRemoveById x",
       "1:19: SecRuleRemoveById: \"x\" is not a rule id, nor a range of them "
       "(write 920100 or 920100-920199)"},
      {"SecRuleUpdateTargetById 1",
       "1:1: SecRuleUpdateTargetById takes two arguments: which rules, and targets (put an "
       "argument "
       "with blanks in double quotes)"},
      {"SecRuleUpdateActionById 1 id:2", "1:27: id cannot be changed (remove it)"},
  };
  for (const Case& each : cases) {
    std::string errors = errors_in(each.text);
    EXPECT_TRUE(errors.starts_with("rules.conf:" + each.expected)) << errors << each.expected;
    EXPECT_EQ(std::ranges::count(errors, '\n'), 1) << errors;
  }
}

TEST(Load, warns_of_what_modsecurity_overlooks) {
  auto rules =
      load_text("SecAction nolog\nSecRule ARGS a \"id:1,log\nSecRule ARGS a \"id:2,chain\"");
  EXPECT_EQ(testing::to_text(rules->warnings),
            "rules.conf:1:1: SecAction: the rule has no id (give it one that no other rule has: "
            "id:...)\n"
            "rules.conf:2:16: SecRule: the quote that opens here is not closed (close it, or end "
            "each line but the last with a backslash and nothing behind it)\n"
            "rules.conf:3:22: chain: no rule follows that the chain could go on with, so it never "
            "matches (let a SecRule follow in the same file, or remove chain)\n");
  EXPECT_EQ(ids(*rules), (std::vector<std::int64_t>{0, 1, 2}));
  ASSERT_EQ(rules->find(2)->chain.size(), 2U);
  EXPECT_EQ(rules->find(2)->chain[1].operator_name, "noMatch");
  EXPECT_NE(rules->find(2)->chain[1].op, nullptr);
}

TEST(Load, reports_every_error) {
  std::string errors =
      errors_in("SecRule ARG \"@rx (\" \"id:x,foo\"\nSecRuleEngine x\nSecRule ARGS \"a");
  EXPECT_EQ(std::ranges::count(errors, '\n'), 6) << errors;
}

TEST(Load, a_file_that_includes_itself_is_an_error) {
  testing::Tree tree = {{"a.conf", "Include a.conf"}};
  EXPECT_EQ(
      errors_in("Include a.conf", tree),
      "a.conf:1:9: Include: files include each other too deeply (let no file include itself)\n");
}

TEST(Load, a_source_that_is_not_there_is_an_error) {
  auto rules = load({{.path = "/nowhere/at/all.conf"}});
  ASSERT_FALSE(rules);
  EXPECT_EQ(testing::to_text(rules.error()),
            "/nowhere/at/all.conf:0:0: there is no such rule file (check the path)\n");
}

}  // namespace
}  // namespace sallyport::seclang
