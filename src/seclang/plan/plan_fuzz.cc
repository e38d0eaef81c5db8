// The plan, folding and scanner included, against plain evaluation: whatever the exchange, the same
// rules match, with the same scores and the same end.
//
// Bytes become an exchange (fields are divided by what FuzzedDataProvider takes them for). The
// rules are those below, one of each way in which the plan may leave rules out; or those of the
// folder that SALLYPORT_FUZZ_RULES names, laid out as the Core Rule Set is.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/fuzzing.h"
#include "seclang/engine/replay.h"
#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"
#include "seclang/test_plan.h"

namespace sallyport::seclang {
namespace {

constexpr std::string_view kRules = R"rules(
SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess On
SecResponseBodyMimeType text/html application/json
SecDefaultAction "phase:1,log,pass"
SecDefaultAction "phase:2,log,deny,status:403"
SecDefaultAction "phase:3,log,pass"
SecDefaultAction "phase:4,log,deny,status:502"

# Constants, and gates before rules that never or always run.
SecAction "id:1,phase:1,nolog,pass,setvar:tx.level=2,setvar:tx.threshold=15,setvar:tx.score=0"
SecRule TX:LEVEL "@lt 3" "id:2,phase:1,nolog,pass,skipAfter:END-STRICT"
SecRule ARGS "@rx ." "id:3,phase:1,pass,setvar:tx.score=+100"
SecMarker END-STRICT
SecRule &TX:extension "@eq 0" "id:4,phase:1,nolog,pass,setvar:'tx.extension=/.php/ /.asp/ /.bak/'"
SecRule REQUEST_METHOD "!@within GET HEAD POST PUT" "id:5,phase:1,pass,setvar:tx.score=+3"
SecRule REQUEST_HEADERS:X-Trust "@streq yes" "id:6,phase:1,pass,ctl:ruleRemoveTargetById=100-120;ARGS:safe"
SecRule REQUEST_HEADERS:X-Skip "@beginsWith s" "id:7,phase:1,pass,ctl:ruleRemoveByTag=family/words"
SecRule REQUEST_HEADERS:X-Detect "@streq 1" "id:8,phase:1,pass,ctl:ruleEngine=DetectionOnly"
SecRule &REQUEST_HEADERS:Host "@eq 0" "id:9,phase:1,pass,setvar:tx.score=+2"
SecRule REQUEST_HEADERS:Content-Type "@contains json" "id:10,phase:1,nolog,pass,ctl:requestBodyProcessor=JSON"
SecRule REQUEST_HEADERS:Content-Type "@rx ^(?:text|application)/xml" "id:11,phase:1,nolog,pass,ctl:requestBodyProcessor=XML"
SecRule REQUEST_URI "@endsWith .bak" "id:12,phase:1,pass,setvar:tx.score=+2"
SecRule REQUEST_BASENAME "@rx \.([a-z]+)$" "id:13,phase:1,pass,capture,t:lowercase,setvar:'tx.found=/.%{TX.1}/',chain"
  SecRule TX:FOUND "@within %{tx.extension}" "setvar:tx.score=+4"
SecRule REQUEST_HEADERS:User-Agent|REQUEST_HEADERS:Referer "@pm nikto sqlmap masscan" "id:14,phase:1,pass,t:none,t:lowercase,setvar:tx.score=+5"
SecRule REQUEST_COOKIES|!REQUEST_COOKIES:/^__utm/|REQUEST_COOKIES_NAMES "@rx [\x00-\x08\x7f]" "id:15,phase:1,pass,setvar:tx.score=+1"
SecRule REQUEST_URI_RAW "@rx (?i)(?:%2e|\.){2}(?:%2f|/|\\\\)" "id:16,phase:1,pass,setvar:tx.score=+5"
SecRule REQUEST_LINE "!@rx ^[A-Z]{3,10} \S+ HTTP/[0-9.]+$" "id:17,phase:1,pass,setvar:tx.score=+1"

# Patterns of each kind, over each kind of text.
SecRule ARGS|ARGS_NAMES|REQUEST_COOKIES "@rx (?i)\bunion\b[\s\S]{1,20}\bselect\b" "id:100,phase:2,pass,t:none,t:urlDecodeUni,t:replaceComments,t:compressWhitespace,setvar:tx.score=+5,tag:'family/sql'"
SecRule ARGS "@rx (?i)<script[^>]*>|\bon(?:error|load|click)\s*=" "id:101,phase:2,pass,t:none,t:utf8toUnicode,t:urlDecodeUni,t:htmlEntityDecode,t:jsDecode,t:cssDecode,t:removeNulls,setvar:tx.score=+5,multiMatch"
SecRule ARGS|REQUEST_HEADERS|!REQUEST_HEADERS:Cookie "@rx (?:;|\||`|\$\()\s*(?:cat|ls|id|wget)\b" "id:102,phase:2,pass,t:none,t:cmdLine,setvar:tx.score=+5,tag:'family/words'"
SecRule REQUEST_FILENAME|ARGS "@pm /etc/passwd boot.ini .ssh/" "id:103,phase:2,pass,t:none,t:normalizePathWin,t:lowercase,setvar:tx.score=+5,tag:'family/words'"
SecRule ARGS "@rx ^[^a-z]{0,3}$" "id:104,phase:2,pass,t:none,t:trim"
SecRule ARGS "@rx ^$" "id:105,phase:2,pass,t:none,t:removeWhitespace"
SecRule ARGS "!@rx ^[\w .,:/-]*$" "id:106,phase:2,pass,setvar:tx.score=+1"
SecRule ARGS:/^id_/ "!@rx ^\d+$" "id:107,phase:2,pass,setvar:tx.score=+2"
SecRule ARGS "@detectSQLi" "id:108,phase:2,pass,capture,t:none,t:urlDecodeUni,setvar:tx.score=+5"
SecRule ARGS|REQUEST_COOKIES "@detectXSS" "id:109,phase:2,pass,t:none,t:urlDecodeUni,t:htmlEntityDecode,setvar:tx.score=+5"
SecRule ARGS "@rx (?:(\d+)-(\d+))" "id:110,phase:2,pass,capture,chain"
  SecRule TX:1 "@gt 100" "chain"
  SecRule TX:2 "@lt 10" "setvar:tx.score=+3,setvar:'tx.last_%{MATCHED_VAR_NAME}=%{TX.2}'"
SecRule ARGS "@contains admin" "id:111,phase:2,pass,chain,setvar:tx.seen=+1"
  SecRule MATCHED_VARS "@rx admin[0-9]" "setvar:tx.score=+2"
SecRule ARGS "@rx base64:([A-Za-z0-9+/]{4,})" "id:112,phase:2,pass,capture,chain"
  SecRule TX:1 "@rx (?i)select|script" "t:base64Decode,setvar:tx.score=+4"
SecRule ARGS "@rx (?i:hex:)[0-9a-f]+" "id:113,phase:2,pass,t:hexDecode"
SecRule ARGS|XML:/*|XML://@* "@rx (?i)<!(?:doctype|entity)|file://" "id:114,phase:2,pass,setvar:tx.score=+5"
SecRule REQUEST_BODY "@rx (?i)<!entity\s" "id:115,phase:2,pass,setvar:tx.score=+5"
SecRule FILES|FILES_NAMES "@rx (?i)\.(?:php|jsp)\b|[;'\"]" "id:116,phase:2,pass,setvar:tx.score=+4"
SecRule ARGS_NAMES "@rx ^(?:__proto__|constructor)" "id:117,phase:2,pass,setvar:tx.score=+4"
SecRule ARGS|ARGS_NAMES "@rx [\n\r]" "id:118,phase:2,pass,setvar:tx.score=+1"
SecRule ARGS "@rx (?s)^a.*z$" "id:119,phase:2,pass"
SecRule ARGS "@rx (?:a|ab)(?:c|bcd)(?:d*)$" "id:120,phase:2,pass"
SecRule ARGS "@strmatch WebZIP" "id:121,phase:2,pass"
SecRule ARGS "@containsWord token" "id:122,phase:2,pass,t:lowercase"
SecRule ARGS "@validateUrlEncoding" "id:123,phase:2,pass"
SecRule ARGS "@validateByteRange 9,10,13,32-126" "id:124,phase:2,pass"
SecRule ARGS "@rx ^5f4dcc3b5aa765d61d8327deb882cf99$" "id:125,phase:2,pass,t:md5,t:hexEncode"
SecRule ARGS "@gt 40" "id:126,phase:2,pass,t:length"
SecRule ARGS_COMBINED_SIZE "@gt 200" "id:127,phase:2,pass,setvar:tx.score=+1"
SecRule &ARGS "@gt 8" "id:128,phase:2,pass,skip:1"
SecRule ARGS "@rx (?i)\x{c3}\x{a9}|\xe9" "id:129,phase:2,pass"
SecRule REQBODY_ERROR "!@eq 0" "id:130,phase:2,pass,setvar:tx.score=+2"
SecRule MULTIPART_STRICT_ERROR "!@eq 0" "id:131,phase:2,pass,setvar:tx.score=+2"
SecRule ARGS|REQUEST_HEADERS "@rx (?i)\$\{(?:jndi|\$\{)" "id:132,phase:2,pass,t:none,t:urlDecodeUni,t:removeWhitespace,setvar:tx.score=+5"
SecRule ARGS "@rx (?<![a-z])eval\s*\((?!\))" "id:133,phase:2,pass,setvar:tx.score=+4"
SecRule ARGS "@rx (\w)\1{4,}" "id:134,phase:2,pass"
SecRule ARGS "@pm select from" "id:135,phase:2,pass,t:lowercase,t:escapeSeqDecode,chain"
  SecRule MATCHED_VAR "@rx select.{0,30}from" "t:lowercase,setvar:tx.score=+3"
SecRule TX:/^last_/ "@rx ." "id:136,phase:2,pass"
SecRule ARGS:stop "@streq now" "id:137,phase:2,pass,skipAfter:END-WORDS"
SecRule ARGS "@rx (?i)password" "id:138,phase:2,pass,t:sqlHexDecode,setvar:tx.score=+1"
SecRule ARGS "@rx (?i)secret" "id:139,phase:2,pass,t:urlDecode,t:removeCommentsChar,t:parityZero7bit,setvar:tx.score=+1"
SecMarker END-WORDS
SecRule ARGS:allow "@streq phase" "id:140,phase:2,allow:phase"
SecRule TX:SCORE "@ge %{tx.threshold}" "id:190,phase:2,block,msg:'score %{TX.SCORE}'"

SecRule RESPONSE_STATUS "@rx ^5\d\d$" "id:200,phase:3,pass,setvar:tx.out=+2"
SecRule RESPONSE_HEADERS:/^x-powered/ "@rx ." "id:201,phase:3,pass,setvar:tx.out=+1"
SecRule RESPONSE_BODY "@rx (?i)(?:ORA-\d{5}|SQL syntax.{0,20}MySQL)" "id:202,phase:4,pass,setvar:tx.out=+4"
SecRule RESPONSE_BODY "@pm stacktrace root:x:0:0" "id:203,phase:4,pass,t:lowercase,setvar:tx.out=+4"
SecRule TX:OUT "@ge 4" "id:290,phase:4,block"
SecRule TX:SCORE "@gt 0" "id:300,phase:5,pass,log,msg:'%{TX.SCORE}'"
)rules";

std::vector<Source> sources() {
  const char* folder = std::getenv("SALLYPORT_FUZZ_RULES");
  if (folder == nullptr) return {{.path = "fuzz.conf", .text = std::string(kRules)}};
  constexpr int kParanoia = 4;
  auto all = corpus::core_rules(folder, kParanoia, "On");
  if (all) return std::move(*all);
  std::fprintf(stderr, "%s\n", all.error().message.c_str());
  std::exit(2);
}

struct Rules {
  Rules() {
    auto loaded = load(sources());
    if (!loaded) {
      for (const LoadError& error : loaded.error()) {
        std::fprintf(stderr, "%s:%u: %s\n", error.file.c_str(), error.line, error.message.c_str());
      }
      std::exit(2);
    }
    static const std::atomic<bool> kGoOn{false};
    set = *loaded;
    plan = full_plan(*folded_plan(set), Cache::of_process(), kGoOn);
  }
  std::shared_ptr<const RuleSet> set;
  std::shared_ptr<const Plan> plan;
};

constexpr std::array<std::string_view, 6> kMethods = {"GET", "POST", "PUT", "HEAD", "TRACE", ""};
constexpr std::array<std::string_view, 14> kNames = {
    "Host",   "User-Agent", "Referer", "Cookie",        "X-Trust",      "X-Skip",       "X-Detect",
    "Accept", "X-Other",    "Range",   "Authorization", "Content-Type", "X-Powered-By", "Origin"};
constexpr std::array<std::string_view, 7> kTypes = {"application/x-www-form-urlencoded",
                                                    "application/json",
                                                    "text/xml",
                                                    "multipart/form-data; boundary=b",
                                                    "text/plain",
                                                    "text/html",
                                                    ""};

Recording recording_of(FuzzedDataProvider& bytes) {
  constexpr std::size_t kLongest = 400;
  constexpr std::size_t kLongestBody = 1500;
  auto one_of = [&](const auto& words) { return std::string(bytes.PickValueInArray(words)); };
  auto text = [&] { return bytes.ConsumeRandomLengthString(kLongest); };
  Recording r;
  r.work = WorkBudget::kUnlimited;
  r.unique_id = "fuzz";
  r.seconds = 1'700'000'000;
  r.client = "192.0.2.1";
  r.server = "198.51.100.1";
  r.method = one_of(kMethods);
  r.version = "1.1";
  const std::string type = one_of(kTypes);
  if (!type.empty()) r.request_headers.emplace_back("Content-Type", type);
  for (std::size_t i = bytes.ConsumeIntegralInRange<std::size_t>(0, 4); i > 0; --i) {
    std::string name = one_of(kNames);
    r.request_headers.emplace_back(std::move(name), text());
  }
  r.request_body_given = bytes.ConsumeBool();
  r.request_body_complete = r.request_body_given && !bytes.ConsumeBool();
  r.phases.set();
  r.head_status = r.status = bytes.ConsumeBool() ? 200 : 500;
  r.response_protocol = "HTTP/1.1";
  r.response_headers.emplace_back("Content-Type", one_of(kTypes));
  r.response_headers.emplace_back(one_of(kNames), text());
  r.response_body_given = bytes.ConsumeBool();
  if (r.response_body_given) r.response_body = text();
  if (r.request_body_given) r.request_body = bytes.ConsumeRandomLengthString(kLongestBody);
  r.uri = bytes.ConsumeRemainingBytesAsString();
  return r;
}

}  // namespace
}  // namespace sallyport::seclang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::seclang;  // NOLINT(google-build-using-namespace)
  static const Rules kAll;
  FuzzedDataProvider bytes(data, size);
  const Recording recording = recording_of(bytes);
  const Outcome plain = replay(recording, *kAll.set);
  const Outcome planned = replay(recording, *kAll.plan);
  if (planned != plain) {
    std::fprintf(stderr, "plain:   %s\nplanned: %s\n", corpus::text_of(plain).c_str(),
                 corpus::text_of(planned).c_str());
  }
  sallyport::fuzzing::require(planned == plain);
  return 0;
}
