// Actions, one by one, and what is wrong with them.
#include "seclang/parser/actions.h"

#include <gtest/gtest.h>

namespace sallyport::seclang {
namespace {

struct Parsed {
  ActionSet set;
  std::vector<std::string> errors;
};

Parsed parse(const std::string& text) {
  Findings findings;
  Report report("f", findings);
  Word word({.line = 1, .column = 1});
  for (std::size_t i = 0; i < text.size(); ++i) {
    word.append(text[i], {.line = 1, .column = static_cast<unsigned>(i + 1)});
  }
  Parsed parsed{.set = parse_actions(word, report), .errors = {}};
  for (const LoadError& error : findings.errors) {
    parsed.errors.push_back(std::to_string(error.column) + " " + error.message +
                            (error.hint.empty() ? "" : " (" + error.hint + ")"));
  }
  return parsed;
}

ActionSet good(const std::string& text) {
  Parsed parsed = parse(text);
  for (const std::string& error : parsed.errors) ADD_FAILURE() << text << ": " << error;
  return std::move(parsed.set);
}

template <typename T>
T control(const std::string& text) {
  ActionSet set = good(text);
  if (set.link.controls.size() != 1 || !std::holds_alternative<T>(set.link.controls[0])) {
    ADD_FAILURE() << text;
    return {};
  }
  return std::get<T>(set.link.controls[0]);
}

TEST(Actions, are_separated_by_commas_outside_of_quotes) {
  ActionSet set = good(R"( id:'7' , MSG:'a, it\'s "b" \d',, logdata: x y ,tag:a,tag:'b',)");
  EXPECT_EQ(set.id, 7);
  EXPECT_EQ(set.link.msg.source(), R"(a, it's "b" \d)");
  EXPECT_EQ(set.link.logdata.source(), "x y");
  ASSERT_EQ(set.link.tags.size(), 2U);
  EXPECT_EQ(set.link.tags[1].source(), "b");
  EXPECT_TRUE(good("").written.empty());
}

TEST(Actions, of_one_value_are_read) {
  EXPECT_EQ(good("phase:Request").phase, 2);
  EXPECT_EQ(good("phase:'response'").phase, 4);
  EXPECT_EQ(good("phase:LOGGING").phase, 5);
  EXPECT_EQ(good("phase:1,phase:3").phase, 3);
  EXPECT_EQ(good("severity:'CRITICAL'").link.severity, 2);
  EXPECT_EQ(good("severity:0").link.severity, 0);
  EXPECT_EQ(good("status:404").status, 404);
  EXPECT_EQ(good("rev:'2',ver:'OWASP/4',maturity:'9',accuracy:8").ver, "OWASP/4");
  EXPECT_EQ(good("maturity:'9',accuracy:8").accuracy, 8);
  EXPECT_EQ(good("skip:2").skip, 2U);
  EXPECT_EQ(good("skipAfter:END-X").skip_after, "END-X");
  EXPECT_TRUE(good("capture").link.capture);
  EXPECT_TRUE(good("multimatch").link.multi_match);
  EXPECT_TRUE(good("chain").chain);
  EXPECT_EQ(good("setsid:%{REQUEST_COOKIES:S}%").link.set_sid.source(), "%{REQUEST_COOKIES:S}%");
  EXPECT_EQ(good("initcol:ip='127.0.0.1'").link.initcols.at(0).key.source(), "127.0.0.1");
  EXPECT_EQ(good("setenv:'a=%{matched_var}'").link.setenvs.at(0).first, "a");
  EXPECT_EQ(good("xmlns:s='http://x/'").xml_namespaces.at(0).second, "http://x/");
}

TEST(Actions, that_decide_overrule_those_before_them_but_block_stands_apart) {
  EXPECT_EQ(good("pass,deny").disruptive, Disruptive::deny);
  EXPECT_EQ(good("deny,block").disruptive, Disruptive::deny);
  EXPECT_TRUE(good("deny,block").block);
  EXPECT_EQ(good("allow").disruptive, Disruptive::allow);
  EXPECT_EQ(good("allow:phase").disruptive, Disruptive::allow_phase);
  EXPECT_EQ(good("allow:Request").disruptive, Disruptive::allow_request);
  ActionSet redirect = good("redirect:'https://%{request_headers.host}/'");
  EXPECT_EQ(redirect.disruptive, Disruptive::redirect);
  EXPECT_EQ(redirect.redirect.source(), "https://%{request_headers.host}/");
}

TEST(Actions, about_logging_depend_on_each_other) {
  struct Case {
    std::string text;
    std::optional<bool> log;
    std::optional<bool> audit;
  };
  const Case cases[] = {
      {"pass", std::nullopt, std::nullopt}, {"log", true, std::nullopt},
      {"nolog", false, std::nullopt},       {"nolog,auditlog", true, true},
      {"auditlog,nolog", false, true},      {"log,noauditlog", false, false},
      {"noauditlog,log", true, false},
  };
  for (const Case& each : cases) {
    LogChoice logging = good(each.text).logging;
    EXPECT_EQ(logging.log, each.log) << each.text;
    EXPECT_EQ(logging.audit, each.audit) << each.text;
  }
}

TEST(Actions, t_none_clears_the_transformations_before_it) {
  ActionSet set = good("t:lowercase,t:none,t:urlDecodeUni,t:LENGTH");
  EXPECT_TRUE(set.clears_transformations);
  ASSERT_EQ(set.transformations.size(), 2U);
  EXPECT_EQ(set.transformations[0]->name, "urlDecodeUni");
  EXPECT_EQ(set.transformations[1]->name, "length");
}

TEST(Actions, setvar_has_four_kinds) {
  struct Case {
    std::string text;
    SetVar::Kind kind;
    std::string key;
    std::string value;
  };
  const Case cases[] = {
      {"setvar:tx.a", SetVar::Kind::set, "a", "1"},
      {"setvar:tx.a=", SetVar::Kind::set, "a", ""},
      {"setvar:'tx.a=b, c=d'", SetVar::Kind::set, "a", "b, c=d"},
      {"setvar:TX:a=+%{tx.b}", SetVar::Kind::add, "a", "%{tx.b}"},
      {"setvar:'tx.a=-5'", SetVar::Kind::subtract, "a", "5"},
      {"setvar:!tx.a", SetVar::Kind::unset, "a", ""},
      {"setvar:'tx.%{rule.id}-X/%{MATCHED_VAR_NAME}=%{tx.0}'", SetVar::Kind::set,
       "%{rule.id}-X/%{MATCHED_VAR_NAME}", "%{tx.0}"},
      {"setvar:tx.%{ARGS.a=b}=c", SetVar::Kind::set, "%{ARGS.a=b}", "c"},
  };
  for (const Case& each : cases) {
    ActionSet set = good(each.text);
    ASSERT_EQ(set.link.setvars.size(), 1U) << each.text;
    EXPECT_EQ(set.link.setvars[0].kind, each.kind) << each.text;
    EXPECT_EQ(set.link.setvars[0].key.source(), each.key) << each.text;
    EXPECT_EQ(set.link.setvars[0].value.source(), each.value) << each.text;
  }
  EXPECT_EQ(good("setvar:ip.x=1").link.setvars.at(0).collection, Variable::ip);
  EXPECT_EQ(good("expirevar:'ip.x=%{tx.t}'").link.expirevars.at(0).seconds.source(), "%{tx.t}");
}

TEST(Actions, ctl_changes_the_transaction) {
  EXPECT_EQ(control<ControlRuleEngine>("ctl:RuleEngine=detectiononly").mode,
            EngineMode::detection_only);
  EXPECT_EQ(control<ControlAuditEngine>("ctl:auditEngine=RelevantOnly").mode,
            AuditMode::relevant_only);
  EXPECT_EQ(control<ControlAuditParts>("ctl:auditLogParts=+EF").sign, '+');
  EXPECT_EQ(control<ControlAuditParts>("ctl:auditLogParts=ABZ").parts, "ABZ");
  EXPECT_EQ(control<ControlProcessor>("ctl:requestBodyProcessor=json").processor, Processor::json);
  EXPECT_TRUE(control<ControlBodyAccess>("ctl:requestBodyAccess=On").request);
  EXPECT_FALSE(control<ControlBodyAccess>("ctl:responseBodyAccess=On").request);
  EXPECT_FALSE(control<ControlForceBodyVariable>("ctl:forceRequestBodyVariable=Off").on);
  EXPECT_EQ(control<ControlParseXmlIntoArgs>("ctl:parseXmlIntoArgs=OnlyArgs").mode,
            ControlParseXmlIntoArgs::Mode::only_args);
  EXPECT_EQ(control<ControlRemoveByTag>("ctl:ruleRemoveByTag=OWASP_CRS/X").tag, "OWASP_CRS/X");
  EXPECT_EQ(control<ControlRemoveByMsg>("ctl:'ruleRemoveByMsg=a, b'").msg, "a, b");
  auto by_id = control<ControlRemoveById>("ctl:ruleRemoveById=941000-942999");
  EXPECT_TRUE(by_id.ranges.at(0).contains(942999));
  auto target = control<ControlRemoveTargetById>("ctl:ruleRemoveTargetById=1;ARGS:/pw/");
  EXPECT_EQ(target.ids.first, 1);
  EXPECT_NE(target.target.selector.regex, nullptr);
  auto by_tag = control<ControlRemoveTargetByTag>("ctl:ruleRemoveTargetByTag=CRS;ARGS:pwd");
  EXPECT_EQ(by_tag.target.selector.name, "pwd");
}

TEST(Actions, say_what_is_wrong_and_where) {
  struct Case {
    std::string text;
    std::string expected;
  };
  const Case cases[] = {
      {"id:1,denny", "6 there is no action denny (did you mean deny?)"},
      {"xyzzyxyzzy", "1 there is no action xyzzyxyzzy"},
      {"id", "1 id needs a value (write id:'...')"},
      {"id:''", "1 id needs a value (write id:'...')"},
      {"id:-1,pass", "4 id: \"-1\" is not a number of 1 or more"},
      {"id:0", "4 id: \"0\" is not a number of 1 or more"},
      {"id:99999999999999999999", "4 id: \"99999999999999999999\" is not a number of 1 or more"},
      {"pass,id:'1,phase:2", "9 id: the quote that opens here is not closed"},
      {"msg:'a' b,pass",
       "9 msg: \"b,pass\" stands behind the quoted value (put a comma between two actions; write a "
       "quote inside the value as \\')"},
      {"pass:1", "1 pass takes no value"},
      {"phase:6",
       "7 phase: there is no phase \"6\" (use 1 to 5, or request (2), response (4), "
       "logging (5))"},
      {"severity:8",
       "10 severity: there is no severity \"8\" (use 0 to 7, or EMERGENCY, ALERT, "
       "CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG)"},
      {"status:1000", "8 status: \"1000\" is not a number of 100 to 599"},
      {"skip:abc", "6 skip: \"abc\" is not a number of 0 to 1000000"},
      {"allow:all", "7 allow: \"all\" is neither phase nor request"},
      {"t:lowecase", "3 t: there is no transformation lowecase (did you mean t:lowercase?)"},
      {"exec:/bin/x",
       "1 the action exec is not supported: rules start no programs (remove it; let a "
       "log pipeline react instead)"},
      {"sanitiseArg:x",
       "1 the action sanitiseArg is not supported: ModSecurity 3 has none either "
       "(mask in the gateway's log settings)"},
      {"setvar:args.x=1",
       "8 setvar: \"args\" is no collection that rules write to (use tx.name, or "
       "ip, session, user, resource or global)"},
      {"setvar:tx=1", "8 setvar: a name is missing behind tx (write tx.name)"},
      {"expirevar:ip.x", "11 expirevar: \"ip.x\" says no number of seconds (write ip.name=3600)"},
      {"initcol:tx=1",
       "9 initcol: \"tx=1\" is not collection=key (write ip=%{REMOTE_ADDR}; the "
       "collections are ip, session, user, resource, global)"},
      {"xmlns:=",
       "7 xmlns: \"=\" is not prefix=URI (write "
       "xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/')"},
      {"ctl:ruleEnginge=On",
       "5 ctl: there is no option ruleEnginge (did you mean ctl:ruleEngine?)"},
      {"ctl:ruleEngine", "5 ctl:ruleEngine needs a value (write ctl:ruleEngine=...)"},
      {"ctl:ruleEngine=maybe", "16 ctl:ruleEngine: \"maybe\" is not On, Off or DetectionOnly"},
      {"ctl:ruleRemoveById=9-1",
       "20 ctl:ruleRemoveById: \"9-1\" is not a rule id, nor a range of "
       "them such as 920100-920199"},
      {"ctl:ruleRemoveTargetById=1",
       "26 ctl:ruleRemoveTargetById: \"1\" is not rules and a target, such as 920100;ARGS:name"},
      {"ctl:ruleRemoveTargetById=1;ARG", "28 there is no variable ARG (did you mean ARGS?)"},
  };
  for (const Case& each : cases) {
    std::vector<std::string> errors = parse(each.text).errors;
    ASSERT_EQ(errors.size(), 1U) << each.text;
    EXPECT_EQ(errors.front(), each.expected);
  }
}

}  // namespace
}  // namespace sallyport::seclang
