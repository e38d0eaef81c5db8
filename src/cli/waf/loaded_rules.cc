#include "cli/waf/loaded_rules.h"

#include <ostream>

#include "cli/findings.h"
#include "seclang/parser/load.h"
#include "seclang/recommended.h"
#include "seclang/rule_files.h"

namespace sallyport::cli::waf {
namespace {

constexpr const char* kSettingsName = "command line";

std::string paranoia_rule(const std::string& level) {
  return "SecAction \"id:199001,phase:1,pass,nolog,t:none,setvar:tx.blocking_paranoia_level=" +
         level + ",setvar:tx.paranoia_level=" + level + "\"\n";
}

void print_errors(const seclang::LoadErrors& errors, Terminal& terminal) {
  schema::Diagnostics diagnostics;
  for (const seclang::LoadError& each : errors) {
    diagnostics.add({.severity = schema::Severity::error,
                     .file = each.file,
                     .line = each.line,
                     .column = each.column,
                     .path = {},
                     .message = each.message,
                     .suggestion = each.hint,
                     .code = "waf.rules"});
  }
  print_findings(diagnostics, terminal);
}

}  // namespace

std::shared_ptr<const seclang::RuleSet> load_rules(const RulesWanted& wanted, Terminal& terminal) {
  std::vector<std::string> paths = wanted.paths;
  if (paths.empty()) paths.emplace_back(kInstalledRules);
  std::vector<seclang::Source> sources;
  for (const std::string& path : paths) {
    std::expected<std::vector<seclang::Source>, seclang::LoadError> files =
        seclang::rule_files(path);
    if (!files) {
      print_errors({files.error()}, terminal);
      return nullptr;
    }
    sources.insert(sources.end(), files->begin(), files->end());
  }
  std::string settings = wanted.settings;
  if (!wanted.paranoia.empty()) settings += paranoia_rule(wanted.paranoia);
  if (!settings.empty()) {
    auto place = sources.begin() + static_cast<std::ptrdiff_t>(seclang::place_of_settings(sources));
    sources.insert(place, {.path = kSettingsName, .text = settings});
  }
  sources.insert(sources.begin(), seclang::recommended());
  if (!wanted.last.empty()) sources.push_back({.path = kSettingsName, .text = wanted.last});
  std::expected<std::shared_ptr<const seclang::RuleSet>, seclang::LoadErrors> loaded =
      seclang::load(sources);
  if (loaded) return *loaded;
  print_errors(loaded.error(), terminal);
  return nullptr;
}

int paranoia_level(const seclang::Rule& rule) {
  constexpr std::string_view kTag = "paranoia-level/";
  for (const seclang::Macro& tag : rule.chain.front().actions.tags) {
    const std::string& text = tag.source();
    if (text.size() == kTag.size() + 1 && text.starts_with(kTag) && text.back() >= '1' &&
        text.back() <= '4') {
      return text.back() - '0';
    }
  }
  return 0;
}

}  // namespace sallyport::cli::waf
