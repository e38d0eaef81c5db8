#include "policies/waf/rules.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "seclang/parser/load.h"
#include "seclang/recommended.h"
#include "seclang/rule_files.h"

namespace sallyport::policies::waf_detail {
namespace {

using seclang::LivePlan;
using seclang::LoadError;
using seclang::LoadErrors;
using seclang::Source;

constexpr std::string_view kCode = "config.rules";
constexpr std::string_view kSystemRules = "/usr/share/modsecurity-crs";
constexpr std::string_view kSystemWord = "crs";

// Names of texts that are no files, for messages and for finding where they came from.
constexpr std::string_view kDefaultsName = "waf";
constexpr std::string_view kSettingsName = "waf.paranoia";
constexpr std::string_view kExclusionsName = "waf.exclusions";

// Above what rule sets use.
constexpr std::string_view kSetupId = "2000000001";

// Rule sets ask before the rules of a phase whether a rule gave up, which says nothing of the rules
// of that phase; and one that gave up has not refused what it was to refuse.
constexpr std::string_view kGaveUp =
    "SecRule TX:MSC_PCRE_LIMITS_EXCEEDED \"@streq 1\" \"id:2000000002,phase:2,deny,status:403,log,"
    "t:none,msg:'A rule gave up, at its limit or as the request took too long: it is undecided'\"\n"
    "SecRule TX:MSC_PCRE_LIMITS_EXCEEDED \"@streq 1\" \"id:2000000004,phase:3,deny,status:403,log,"
    "t:none,msg:'A rule gave up, at its limit or as the response took too long: it is "
    "undecided'\"\n"
    "SecRule TX:MSC_PCRE_LIMITS_EXCEEDED \"@streq 1\" \"id:2000000003,phase:4,deny,status:403,log,"
    "t:none,msg:'A rule gave up, at its limit or as the response took too long: it is "
    "undecided'\"\n";

// A hint of the loader as a suggestion: a sentence.
std::string sentence(std::string_view hint) {
  if (hint.empty()) return {};
  std::string text(hint);
  if (text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text[0] - 32);
  if (!text.ends_with('.')) text += '.';
  return text;
}

// One rule set as several blocks may want it, or the fact that it cannot be had.
struct Shared {
  std::shared_ptr<const LivePlan> plan;
};

class Loading {
 public:
  Loading(const Config& config, const schema::Node& block, schema::Context& context)
      : config_(config), block_(block), context_(context) {}

  std::shared_ptr<const LivePlan> load() {
    std::vector<Source> files;
    if (!find_files(files)) return nullptr;
    std::size_t setup = seclang::place_of_settings(files);
    if (std::string line = setup_line(config_); !line.empty()) {
      files.insert(files.begin() + static_cast<std::ptrdiff_t>(setup), text(kSettingsName, line));
    }
    std::vector<Source> all{seclang::recommended(), text(kDefaultsName, before())};
    all.insert(all.end(), std::make_move_iterator(files.begin()),
               std::make_move_iterator(files.end()));
    if (!config_.exclusions.empty()) {
      all.push_back(text(kExclusionsName, exclusion_lines(config_.exclusions)));
    }
    all.push_back(text(kDefaultsName, behind()));
    return shared(all);
  }

 private:
  static Source text(std::string_view name, std::string lines) {
    return {.path = std::string(name), .text = std::move(lines)};
  }

  // What rule files may say otherwise.
  static std::string before() {
    return "SecResponseBodyMimeType text/plain text/html text/xml application/json "
           "application/problem+json application/xml\n"
           "SecAuditEngine RelevantOnly\n";
  }

  // What the policy decides in place of rule files.
  [[nodiscard]] std::string behind() const {
    std::string depth = std::to_string(config_.body.depth.bytes);
    return "SecRequestBodyAccess On\n"
           "SecRequestBodyLimit " +
           depth +
           "\n"
           "SecRequestBodyNoFilesLimit " +
           depth +
           "\n"
           "SecRequestBodyLimitAction ProcessPartial\n"
           "SecResponseBodyAccess " +
           (config_.responses == Switch::on ? "On" : "Off") +
           "\n"
           "SecResponseBodyLimit " +
           depth +
           "\n"
           "SecResponseBodyLimitAction ProcessPartial\n" +
           std::string(kGaveUp);
  }

  bool find_files(std::vector<Source>& files) {
    if (config_.rules.empty()) return add(std::string(kSystemRules), context_.where(block_), files);
    bool good = true;
    for (const schema::Marked<schema::FilePath>& each : config_.rules) {
      bool system = each.value.written == kSystemWord;
      std::string path = system ? std::string(kSystemRules) : each.value.resolved;
      good = add(path, each.where, files) && good;
    }
    return good;
  }

  bool add(const std::string& path, const schema::Where& where, std::vector<Source>& files) {
    std::error_code error;
    if (path == kSystemRules && !std::filesystem::exists(path, error)) {
      context_.diagnostics().error(
          where, "the OWASP Core Rule Set is not installed: there is no " + path,
          "Install the package modsecurity-crs, or name rule files under `rules`.",
          schema::code::kUnreadable);
      return false;
    }
    watch(path);
    std::expected<std::vector<Source>, LoadError> found = seclang::rule_files(path);
    if (!found) {
      context_.diagnostics().error(where, found.error().message, sentence(found.error().hint),
                                   schema::code::kUnreadable);
      return false;
    }
    for (Source& source : *found) {
      watch(source.path);
      files.push_back(std::move(source));
    }
    return true;
  }

  // A change of the file; or, as it then changes too, of what is in its folder.
  void watch(const std::string& path) {
    if (context_.scope() == nullptr) return;
    if (path.find_first_of("*?[") == std::string::npos) context_.scope()->files.insert(path);
    context_.scope()->files.insert(std::filesystem::path(path).parent_path().string());
  }

  std::shared_ptr<const LivePlan> shared(const std::vector<Source>& sources) {
    if (context_.scope() == nullptr) return load_now(sources);
    std::string key = "waf rules";
    for (const Source& source : sources)
      key.append(1, '\0').append(source.path).append(source.text);
    std::shared_ptr<void>& kept = context_.scope()->shared[key];
    if (kept == nullptr) kept = std::make_shared<Shared>(Shared{.plan = load_now(sources)});
    return static_cast<Shared*>(kept.get())->plan;
  }

  std::shared_ptr<const LivePlan> load_now(const std::vector<Source>& sources) {
    auto loaded = seclang::load(sources);
    if (!loaded) {
      for (const LoadError& error : loaded.error()) report(error, schema::Severity::error);
      return nullptr;
    }
    for (const LoadError& warning : (*loaded)->warnings) {
      report(warning, schema::Severity::warning);
    }
    for (const std::string& file : (*loaded)->files) watch(file);
    return LivePlan::make(std::move(*loaded), seclang::Cache::of_process());
  }

  // In the file of rules, if it is about a line of one; else where the configuration says it.
  void report(const LoadError& error, schema::Severity severity) {
    schema::Diagnostic diagnostic{.severity = severity,
                                  .file = error.file,
                                  .line = error.line,
                                  .column = error.column,
                                  .path = context_.path(),
                                  .message = error.message,
                                  .suggestion = sentence(error.hint),
                                  .code = std::string(kCode)};
    if (error.file == kExclusionsName && error.line > 0 &&
        error.line <= config_.exclusions.size()) {
      place(diagnostic, config_.exclusions[error.line - 1].where);
    } else if (error.file.empty() || error.file == kDefaultsName || error.file == kSettingsName) {
      place(diagnostic, context_.where(block_));
    } else if (error.line == 0) {
      for (const schema::Marked<schema::FilePath>& each : config_.rules) {
        if (each.value.resolved != error.file) continue;
        place(diagnostic, each.where);
        diagnostic.message = error.file + ": " + error.message;
        break;
      }
    }
    context_.diagnostics().add(std::move(diagnostic));
  }

  static void place(schema::Diagnostic& diagnostic, const schema::Where& where) {
    diagnostic.file = where.mark.file ? *where.mark.file : std::string();
    diagnostic.line = where.mark.line;
    diagnostic.column = where.mark.column;
    diagnostic.path = where.path;
  }

  const Config& config_;
  const schema::Node& block_;
  schema::Context& context_;
};

void warn_of_expired(const Config& config, schema::Context& context) {
  using std::chrono::days;
  using std::chrono::milliseconds;
  auto today = std::chrono::floor<days>(std::chrono::sys_time(milliseconds(wall_milliseconds())));
  for (const schema::Marked<Exclusion>& each : config.exclusions) {
    if (!each.value.expires || *each.value.expires > today) continue;
    context.diagnostics().warning(each.where,
                                  "this exclusion was to end on " + date_text(*each.value.expires) +
                                      " (" + each.value.reason + ") and still holds",
                                  "Remove it, or give it another date.", schema::code::kDeprecated);
  }
}

}  // namespace

std::string exclusion_lines(const std::vector<schema::Marked<Exclusion>>& exclusions) {
  std::string lines;
  for (const schema::Marked<Exclusion>& each : exclusions) {
    const Exclusion& exclusion = each.value;
    std::string which = exclusion.tag ? "\"" + *exclusion.tag + "\""
                                      : schema::Codec<seclang::RuleRange>::text(*exclusion.rule);
    lines += exclusion.target ? "SecRuleUpdateTargetBy" : "SecRuleRemoveBy";
    lines += (exclusion.tag ? "Tag " : "Id ") + which;
    if (exclusion.target) lines += " \"!" + *exclusion.target + "\"";
    lines += '\n';
  }
  return lines;
}

std::string setup_line(const Config& config) {
  std::string variables;
  auto set = [&](std::string_view name, std::uint32_t value) {
    variables += ",setvar:tx." + std::string(name) + "=" + std::to_string(value);
  };
  if (config.paranoia) {
    // The names of version 4, then those of version 3.
    for (std::string_view name : {"blocking_paranoia_level", "detection_paranoia_level",
                                  "paranoia_level", "executing_paranoia_level"}) {
      set(name, *config.paranoia);
    }
  }
  if (config.thresholds.inbound) set("inbound_anomaly_score_threshold", *config.thresholds.inbound);
  if (config.thresholds.outbound) {
    set("outbound_anomaly_score_threshold", *config.thresholds.outbound);
  }
  if (variables.empty()) return {};
  return "SecAction \"id:" + std::string(kSetupId) + ",phase:1,pass,nolog,t:none" + variables +
         "\"\n";
}

std::shared_ptr<const LivePlan> load_rules(const Config& config, const schema::Node& block,
                                           schema::Context& context) {
  warn_of_expired(config, context);
  return Loading(config, block, context).load();
}

}  // namespace sallyport::policies::waf_detail
