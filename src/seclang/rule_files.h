// Which files a path to rules stands for.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "seclang/parser/load.h"

namespace sallyport::seclang {

// A file is itself. A folder is a rule set as the Core Rule Set is laid out: crs-setup.conf, or
// else crs-setup.conf.example, in it or beside it, then the *.conf files of its rules/ (or its
// own), sorted by name; where Debian's owasp-crs.load lies in it, that names the files. The error
// says what is missing.
[[nodiscard]] std::expected<std::vector<Source>, LoadError> rule_files(const std::string& path);

// Where settings that a rule set reads when it starts (tx.blocking_paranoia_level and the like)
// belong: behind its crs-setup, or else before everything. An index into `sources`.
[[nodiscard]] std::size_t place_of_settings(const std::vector<Source>& sources);

}  // namespace sallyport::seclang
