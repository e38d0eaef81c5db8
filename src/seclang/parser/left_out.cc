// Two tables; the second says what to do instead.
#include "seclang/parser/left_out.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

// They are about files, memory or headers that the gateway looks after itself.
constexpr std::array kIgnored = std::to_array<std::string_view>({
    "SecAuditLog2",
    "SecAuditLogDirMode",
    "SecAuditLogFileMode",
    "SecDebugLog",
    "SecDebugLogLevel",
    "SecHttpBlKey",
    "SecPcreMatchLimitRecursion",
    "SecRequestBodyInMemoryLimit",
    "SecServerSignature",
    "SecStatusEngine",
    "SecTmpDir",
    "SecTmpSaveUploadedFiles",
    "SecUploadDir",
    "SecUploadFileMode",
    "SecUploadKeepFiles",
});

struct Refused {
  std::string_view name;
  std::string_view why;
  std::string_view hint;
  bool fine_when_off = false;
};
constexpr std::string_view kNotInThree = "ModSecurity 3 has it no more";
constexpr std::array kRefused = std::to_array<Refused>({
    {"SecCacheTransformations", kNotInThree, "remove it; results are always kept"},
    {"SecChrootDir", "a rule file does not confine the process", "use the service manager"},
    {"SecConnEngine", kNotInThree, "use connection limits of the gateway", true},
    {"SecConnReadStateLimit", kNotInThree, "use connection limits of the gateway"},
    {"SecConnWriteStateLimit", kNotInThree, "use connection limits of the gateway"},
    {"SecContentInjection", "nothing is added to responses", "remove it", true},
    {"SecCookieV0Separator", kNotInThree, "remove it"},
    {"SecDisableBackendCompression", "headers are the gateway's business",
     "remove Accept-Encoding in the gateway", true},
    {"SecGsbLookupDb", "the service behind it is gone", "remove it"},
    {"SecGuardianLog", "rules start no programs", "remove it; follow the log instead"},
    {"SecHashEngine", "responses are not rewritten", "remove it", true},
    {"SecHashKey", "responses are not rewritten", "remove it"},
    {"SecHashMethodPm", "responses are not rewritten", "remove it"},
    {"SecHashMethodRx", "responses are not rewritten", "remove it"},
    {"SecHashParam", "responses are not rewritten", "remove it"},
    {"SecInterceptOnError", kNotInThree, "remove it", true},
    {"SecRemoteRules", "rules are not fetched from the net",
     "download the file, review it and include it"},
    {"SecRemoteRulesFailAction", "rules are not fetched from the net", "remove it"},
    {"SecRuleInheritance", "there is one set of rules for each policy", "remove it", true},
    {"SecRulePerfTime", kNotInThree, "remove it"},
    {"SecRuleScript", "rules run no Lua", "write a SecRule, or remove it"},
    {"SecSensorId", kNotInThree, "remove it"},
    {"SecStreamInBodyInspection", kNotInThree, "remove it", true},
    {"SecStreamOutBodyInspection", kNotInThree, "remove it", true},
});

}  // namespace

LeftOut check_left_out(const Directive& directive, Report& report) {
  auto same = [&](std::string_view name) {
    return text::equals_ignoring_case(name, directive.name);
  };
  if (std::ranges::any_of(kIgnored, same)) return LeftOut::ignored;

  const auto* refused = std::ranges::find_if(kRefused, same, &Refused::name);
  if (refused == kRefused.end()) return LeftOut::no;
  bool off = directive.arguments.size() == 1 &&
             text::equals_ignoring_case(directive.arguments.front().text(), "Off");
  if (off && refused->fine_when_off) return LeftOut::ignored;
  report.error(directive.place, directive.name + " is not supported: " + std::string(refused->why),
               std::string(refused->hint));
  return LeftOut::reported;
}

}  // namespace sallyport::seclang
