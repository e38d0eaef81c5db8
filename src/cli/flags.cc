#include "cli/flags.h"

#include <algorithm>
#include <sstream>

namespace sallyport::cli {
namespace {

constexpr std::string_view kHeading = "Examples:\n";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "|") + word;
  return text;
}

}  // namespace

Value<std::string> add_choice(CLI::App& command, const std::string& flags,
                              const std::vector<std::string>& words,
                              const std::string& description) {
  auto value = std::make_shared<std::string>();
  command.add_option(flags, *value, description)
      ->type_name(joined(words))
      ->check([words](const std::string& word) {
        bool known = std::ranges::find(words, word) != words.end();
        return known ? std::string() : "\"" + word + "\" is none of " + joined(words);
      });
  return value;
}

Value<std::string> add_output(CLI::App& command, const std::vector<std::string>& forms) {
  Value<std::string> value = add_choice(command, "-o,--output", forms, "Form of what is printed");
  *value = forms.front();
  return value;
}

Value<std::string> add_config(CLI::App& command) {
  auto value = std::make_shared<std::string>();
  command
      .add_option("-c,--config", *value,
                  "Configuration file (default: /etc/sallyport/sallyport.yaml, or else "
                  "./sallyport.yaml)")
      ->type_name("FILE");
  return value;
}

Value<std::string> add_admin(CLI::App& command) {
  auto value = std::make_shared<std::string>();
  command
      .add_option("--admin", *value,
                  "Admin listener of the running gateway (default: what the configuration says)")
      ->type_name("URL");
  return value;
}

void set_examples(CLI::App& command, const std::vector<std::string>& examples) {
  std::string text(kHeading);
  for (const std::string& example : examples) text += "  " + example + "\n";
  text.pop_back();
  command.footer(text);
}

std::vector<std::string> examples_of(const CLI::App& command) {
  std::vector<std::string> examples;
  std::istringstream lines(command.get_footer());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) examples.push_back(line.substr(2));
  }
  return examples;
}

}  // namespace sallyport::cli
