// Loads rules that a test gives as text; for tests only.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "seclang/parser/loader.h"

namespace sallyport::seclang::testing {

using Tree = std::map<std::string, std::string>;

// Files that exist only here. A pattern has one star.
inline FileAccess files_of(Tree tree) {
  auto read = [tree](const std::string& path) -> std::expected<std::string, std::string> {
    auto found = tree.find(path);
    if (found == tree.end()) return std::unexpected(path + ": it is not there");
    return found->second;
  };
  auto expand = [tree](const std::string& pattern) {
    std::vector<std::string> names;
    std::size_t star = pattern.find('*');
    for (const auto& [name, content] : tree) {
      bool match = star == std::string::npos ? name == pattern
                                             : name.starts_with(pattern.substr(0, star)) &&
                                                   name.ends_with(pattern.substr(star + 1));
      if (match) names.push_back(name);
    }
    return names;
  };
  return {.read = read, .expand = expand};
}

inline std::expected<std::shared_ptr<const RuleSet>, LoadErrors> try_load(const std::string& text,
                                                                          Tree tree = {}) {
  return load_with({{.path = "rules.conf", .text = text}}, files_of(std::move(tree)));
}

inline std::string to_text(const LoadError& error) {
  std::string text = error.file + ":" + std::to_string(error.line) + ":" +
                     std::to_string(error.column) + ": " + error.message;
  return error.hint.empty() ? text : text + " (" + error.hint + ")";
}

inline std::string to_text(const LoadErrors& errors) {
  std::string text;
  for (const LoadError& error : errors) text += to_text(error) + "\n";
  return text;
}

// The rules, which must load.
inline std::shared_ptr<const RuleSet> load_text(const std::string& text, Tree tree = {}) {
  auto rules = try_load(text, std::move(tree));
  if (rules) return *rules;
  ADD_FAILURE() << to_text(rules.error());
  return std::make_shared<const RuleSet>();
}

// What is wrong with them, one line for each error; empty: nothing.
inline std::string errors_in(const std::string& text, Tree tree = {}) {
  auto rules = try_load(text, std::move(tree));
  return rules ? "" : to_text(rules.error());
}

// The first rule of a phase.
inline const Rule& first(const RuleSet& rules, std::size_t phase = 2) {
  return rules.phases.at(phase).front();
}

inline std::vector<std::int64_t> ids(const RuleSet& rules, std::size_t phase = 2) {
  std::vector<std::int64_t> out;
  for (const Rule& rule : rules.phases.at(phase)) out.push_back(rule.id);
  return out;
}

}  // namespace sallyport::seclang::testing
