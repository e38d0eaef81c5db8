// `sallyport waf rules`: what a rule set is made of.
#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/paint.h"
#include "cli/waf/loaded_rules.h"

namespace sallyport::cli {
namespace {

constexpr int kPhases = 5;
constexpr int kLevels = 4;

struct Count {
  std::size_t all = 0;
  std::array<std::size_t, kPhases + 1> phases{};
  std::array<std::size_t, kLevels + 1> levels{};  // [0]: for every level

  void add(const seclang::Rule& rule) {
    ++all;
    ++phases.at(static_cast<std::size_t>(rule.phase));
    ++levels.at(static_cast<std::size_t>(waf::paranoia_level(rule)));
  }
};

struct Inventory {
  std::map<std::string, Count> files;
  Count all;
};

// Of rules up to a paranoia level.
Inventory inventory_of(const seclang::RuleSet& rules, int most) {
  Inventory inventory;
  for (const std::deque<seclang::Rule>& phase : rules.phases) {
    for (const seclang::Rule& rule : phase) {
      if (waf::paranoia_level(rule) > most) continue;
      inventory.files[rule.file].add(rule);
      inventory.all.add(rule);
    }
  }
  return inventory;
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

void print_count(const Count& count, Terminal& terminal) {
  auto cell = [&](std::size_t number, std::size_t width) {
    terminal.out << right(number == 0 ? "-" : std::to_string(number), width);
  };
  cell(count.all, 7);
  for (std::size_t i = 1; i < count.phases.size(); ++i) cell(count.phases.at(i), i == 1 ? 8 : 5);
  for (std::size_t i = 0; i < count.levels.size(); ++i) cell(count.levels.at(i), i == 0 ? 8 : 5);
  terminal.out << '\n';
}

void print_text(const Inventory& inventory, const seclang::RuleSet& rules, Terminal& terminal) {
  Paint paint(terminal);
  std::size_t width = 4;
  auto short_name = [](const std::string& file) { return file.substr(file.rfind('/') + 1); };
  for (const auto& [file, count] : inventory.files) {
    width = std::max(width, short_name(file).size());
  }
  terminal.out << padded("", width)
               << "  rules phase 1    2    3    4    5     any  PL1  PL2  PL3  PL4\n";
  for (const auto& [file, count] : inventory.files) {
    terminal.out << padded(printable(short_name(file)), width);
    print_count(count, terminal);
  }
  terminal.out << paint.bold(padded("all", width));
  print_count(inventory.all, terminal);
  if (!rules.ignored.empty()) terminal.out << "\nIgnored, as it has no meaning here:\n";
  for (const auto& [what, line] : rules.ignored) {
    terminal.out << "  " << printable(what) << " (line " << line << ")\n";
  }
}

void write_count(JsonWriter& json, const Count& count) {
  json.number("rules", count.all).key("phases").begin_object();
  for (std::size_t i = 1; i < count.phases.size(); ++i) {
    json.number(std::to_string(i), count.phases.at(i));
  }
  json.end_object().key("paranoia_levels").begin_object();
  for (std::size_t i = 0; i < count.levels.size(); ++i) {
    json.number(i == 0 ? "any" : std::to_string(i), count.levels.at(i));
  }
  json.end_object();
}

std::string to_json(const Inventory& inventory, const seclang::RuleSet& rules) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_count(json, inventory.all);
  json.key("files").begin_object();
  for (const auto& [file, count] : inventory.files) {
    json.key(file).begin_object();
    write_count(json, count);
    json.end_object();
  }
  json.end_object().key("ignored").begin_array();
  for (const auto& [what, line] : rules.ignored) {
    json.begin_object().string("directive", what).number("line", line).end_object();
  }
  json.end_array().end_object();
  return text;
}

}  // namespace

void add_waf_rules(CLI::App& family, Session& session) {
  Command command(family, session, "rules", "Say what a rule set is made of");
  Value<std::vector<std::string>> rules = command.rules();
  Value<std::string> paranoia = command.choice("--paranoia", {"1", "2", "3", "4"},
                                               "Count only rules up to this paranoia level");
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport waf rules --rules coreruleset",
                    "sallyport waf rules --rules coreruleset --rules own.conf --output json"});
  command.action([=, &session] {
    Terminal& terminal = session.terminal;
    std::shared_ptr<const seclang::RuleSet> loaded = waf::load_rules({.paths = *rules}, terminal);
    if (loaded == nullptr) return static_cast<int>(kWrong);
    Inventory inventory =
        inventory_of(*loaded, paranoia->empty() ? kLevels : paranoia->front() - '0');
    if (*output == "json") {
      terminal.out << to_json(inventory, *loaded) << '\n';
    } else {
      print_text(inventory, *loaded, terminal);
    }
    return static_cast<int>(kFine);
  });
}

}  // namespace sallyport::cli
