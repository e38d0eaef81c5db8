// The directives that set something for all rules: SecRuleEngine, SecRequestBodyLimit and the like.
#pragma once

#include "seclang/parser/files.h"
#include "seclang/parser/report.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

class SettingsReader {
 public:
  SettingsReader(Settings& settings, Files& files) : settings_(settings), files_(files) {}

  // True: `directive` is one of them, and was read or reported. Of several the last counts, lists
  // apart, which grow.
  bool read(const Directive& directive, Report& report);

 private:
  Settings& settings_;
  Files& files_;
  bool mime_types_given_ = false;  // the first SecResponseBodyMimeType replaces the default
};

// The names, for suggestions.
[[nodiscard]] std::vector<std::string_view> setting_names();

}  // namespace sallyport::seclang
