#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string_view>

namespace sallyport::cli {
namespace {

constexpr std::string_view kHeading = "Examples:\n";
constexpr std::string_view kIndent = "  ";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "|") + word;
  return text;
}

}  // namespace

Command::Command(CLI::App& program, Session& session, const std::string& name,
                 const std::string& description)
    : app_(program.add_subcommand(name, description)), session_(&session) {}

Value<bool> Command::flag(const std::string& names, const std::string& description) {
  auto value = std::make_shared<bool>(false);
  app_->add_flag(names, *value, description);
  return value;
}

Value<std::string> Command::option(const std::string& names, const std::string& type,
                                   const std::string& description, bool required) {
  auto value = std::make_shared<std::string>();
  app_->add_option(names, *value, description)->type_name(type)->required(required);
  return value;
}

Value<std::vector<std::string>> Command::list(const std::string& names, const std::string& type,
                                              const std::string& description) {
  auto value = std::make_shared<std::vector<std::string>>();
  // Behind a flag only one: what follows may be an argument.
  bool flag = names.starts_with('-');
  app_->add_option(names, *value, description)->type_name(type)->allow_extra_args(!flag);
  return value;
}

Value<std::string> Command::choice(const std::string& names, const std::vector<std::string>& words,
                                   const std::string& description) {
  auto value = std::make_shared<std::string>();
  app_->add_option(names, *value, description)
      ->type_name(joined(words))
      ->check([words](const std::string& word) {
        bool known = std::ranges::find(words, word) != words.end();
        return known ? std::string() : "\"" + word + "\" is none of " + joined(words);
      });
  return value;
}

Value<std::string> Command::argument(const std::string& name, const std::string& type,
                                     const std::string& description, bool required) {
  return option(name, type, description, required);
}

Value<std::string> Command::output(const std::vector<std::string>& forms) {
  Value<std::string> value = choice("-o,--output", forms, "Form of what is printed");
  *value = forms.front();
  return value;
}

Value<std::string> Command::config() {
  return option("-c,--config", "FILE",
                "Configuration file (default: /etc/sallyport/sallyport.yaml, or else "
                "./sallyport.yaml)");
}

Value<std::vector<std::string>> Command::rules() {
  return list("--rules", "PATH",
              "Rule file, or folder of a rule set (default: /usr/share/modsecurity-crs)");
}

void Command::only_with(const std::string& name, const std::string& other) {
  app_->get_option(name)->needs(app_->get_option(other));
}

void Command::at_most_one_of(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    for (const std::string& other : names) {
      if (name != other) app_->get_option(name)->excludes(app_->get_option(other));
    }
  }
}

void Command::examples(const std::vector<std::string>& lines) { app_->footer(footer_of(lines)); }

void Command::action(std::function<int()> action) {
  app_->callback([session = session_, action = std::move(action)] { session->action = action; });
}

CLI::App& add_family(CLI::App& program, const std::string& name, const std::string& description,
                     const std::vector<std::string>& examples) {
  CLI::App* family = program.add_subcommand(name, description);
  family->require_subcommand(1);
  family->footer(footer_of(examples));
  return *family;
}

std::string footer_of(const std::vector<std::string>& examples) {
  std::string text(kHeading);
  for (const std::string& example : examples) text += std::string(kIndent) + example + "\n";
  text.pop_back();
  return text;
}

std::vector<std::string> examples_in(const std::string& footer) {
  std::vector<std::string> examples;
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kIndent)) examples.push_back(line.substr(kIndent.size()));
  }
  return examples;
}

}  // namespace sallyport::cli
