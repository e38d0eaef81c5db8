#include "cli/completion.h"

#include <algorithm>

namespace sallyport::cli {
namespace {

using Table = std::vector<CommandEntry>;

bool takes_file(const FlagEntry& flag) { return flag.argument == "FILE"; }
bool takes_folder(const FlagEntry& flag) { return flag.argument == "DIR"; }

// Inside single quotes.
std::string quoted(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

std::string flags_of(const CommandEntry& command) {
  std::string text;
  for (const FlagEntry& flag : command.flags) text += joined(flag.names, " ") + " ";
  if (!text.empty()) text.pop_back();
  return text;
}

// Of "waf test" "waf"; empty: the command is of no family.
std::string family_of(const CommandEntry& command) {
  std::size_t space = command.name.find(' ');
  return space == std::string::npos ? "" : command.name.substr(0, space);
}

// Of "waf test" "test".
std::string own_name(const CommandEntry& command) {
  return command.name.substr(command.name.find(' ') + 1);
}

std::vector<std::string> families(const Table& table) {
  std::vector<std::string> names;
  for (const CommandEntry& command : table) {
    std::string family = family_of(command);
    if (!family.empty() && (names.empty() || names.back() != family)) names.push_back(family);
  }
  return names;
}

// What may follow the program's name, or that of a family.
std::string commands_of(const Table& table, const std::string& family) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < table.size(); ++i) {
    std::string of = family_of(table[i]);
    if (!family.empty() && of != family) continue;
    std::string name = family.empty() && !of.empty() ? of : own_name(table[i]);
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return joined(names, " ");
}

// Whether a positional argument is of a kind.
bool names(const CommandEntry& command, bool (*kind)(const FlagEntry&)) {
  return std::ranges::any_of(command.arguments, kind);
}

// Behind which words another word of the command may come, as patterns of a shell.
std::vector<std::string> open_names(const Table& table) {
  std::vector<std::string> names{"''"};
  for (const std::string& family : families(table)) names.push_back(family);
  return names;
}

std::string bash(const Table& table) {
  std::string out =
      "# Completion of sallyport for bash. Printed by `sallyport docs --completion bash`.\n"
      "_sallyport() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  local command=\"\" i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"${COMP_WORDS[i]}\" in\n"
      "      -*) ;;\n"
      "      *) command=\"${command:+$command }${COMP_WORDS[i]}\" ;;\n"
      "    esac\n"
      "    case \"$command\" in " +
      joined(open_names(table), "|") +
      ") ;; *) break ;; esac\n"
      "  done\n"
      "  COMPREPLY=()\n"
      "  case \"$command:$before\" in\n";
  for (const CommandEntry& command : table) {
    for (const FlagEntry& flag : command.flags) {
      if (flag.argument.empty()) continue;
      std::string how = ":";
      if (std::vector<std::string> words = flag.words(); !words.empty()) {
        how = "COMPREPLY=($(compgen -W '" + joined(words, " ") + "' -- \"$word\"))";
      } else if (takes_file(flag)) {
        how = "COMPREPLY=($(compgen -f -- \"$word\"))";
      } else if (takes_folder(flag)) {
        how = "COMPREPLY=($(compgen -d -- \"$word\"))";
      }
      std::vector<std::string> cases;
      cases.reserve(flag.names.size());
      for (const std::string& name : flag.names) {
        cases.push_back("'" + command.name + "':" + name);
      }
      out += "    " + joined(cases, "|") + ") " + how + "; return ;;\n";
    }
  }
  out += "  esac\n  case \"$command\" in\n";
  for (const CommandEntry& command : table) {
    std::string words = flags_of(command);
    if (command.name.empty()) words.insert(0, commands_of(table, "") + " ");
    out += "    '" + command.name + "') COMPREPLY=($(compgen ";
    if (names(command, takes_file)) out += "-f ";
    if (names(command, takes_folder)) out += "-d ";
    out += "-W '" + words + "' -- \"$word\")) ;;\n";
  }
  for (const std::string& family : families(table)) {
    out += "    '" + family + "') COMPREPLY=($(compgen -W '" + commands_of(table, family) +
           " --help' -- \"$word\")) ;;\n";
  }
  out += "  esac\n}\ncomplete -o filenames -F _sallyport sallyport\n";
  return out;
}

// In a zsh _arguments specification.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return quoted(out);
}

std::string zsh_argument(const FlagEntry& flag) {
  if (flag.argument.empty()) return "";
  std::string out = ":" + zsh_text(flag.words().empty() ? flag.argument : "form") + ":";
  if (std::vector<std::string> words = flag.words(); !words.empty()) {
    return out + "(" + joined(words, " ") + ")";
  }
  if (takes_file(flag)) return out + "_files";
  if (takes_folder(flag)) return out + "_files -/";
  return out;
}

std::string zsh_flags(const CommandEntry& command, std::string_view indent) {
  std::string out;
  for (const FlagEntry& flag : command.flags) {
    for (const std::string& name : flag.names) {
      out += std::string(indent) + "'" + (flag.repeatable ? "*" : "") + name + "[" +
             zsh_text(flag.description) + "]" + zsh_argument(flag) + "' \\\n";
    }
  }
  for (const FlagEntry& argument : command.arguments) {
    out += std::string(indent) + "'" + (argument.required ? ":" : "::") +
           zsh_argument(argument).substr(1) + "' \\\n";
  }
  return out;
}

std::string zsh(const Table& table) {
  std::string out =
      "#compdef sallyport\n"
      "# Completion of sallyport for zsh. Printed by `sallyport docs --completion zsh`.\n"
      "_sallyport() {\n"
      "  local context state state_descr line\n"
      "  typeset -A opt_args\n"
      "  _arguments -C \\\n" +
      zsh_flags(table.front(), "    ") +
      "    '1:command:->command' \\\n"
      "    '*::argument:->argument'\n"
      "  case $state in\n"
      "    command)\n"
      "      local -a commands\n"
      "      commands=(\n";
  for (std::size_t i = 1; i < table.size(); ++i) {
    if (!family_of(table[i]).empty()) continue;
    out += "        '" + table[i].name + ":" + zsh_text(table[i].description) + "'\n";
  }
  for (const std::string& family : families(table)) {
    out += "        '" + family + ":" + commands_of(table, family) + "'\n";
  }
  out += "      )\n      _describe command commands ;;\n    argument)\n      case $line[1] in\n";
  for (const std::string& family : families(table)) {
    out += "        " + family + ")\n          _arguments -C '1:command:(" +
           commands_of(table, family) +
           ")' '*::argument:->below'\n"
           "          case $line[1] in\n";
    for (const CommandEntry& command : table) {
      if (family_of(command) != family) continue;
      // "waf test"
      out += "            " + own_name(command) + ")\n              _arguments \\\n" +
             zsh_flags(command, "                ") + "                && return ;;\n";
    }
    out += "          esac ;;\n";
  }
  for (std::size_t i = 1; i < table.size(); ++i) {
    if (!family_of(table[i]).empty()) continue;
    out += "        " + table[i].name + ")\n          _arguments \\\n" +
           zsh_flags(table[i], "            ") + "            && return ;;\n";
  }
  out += "      esac ;;\n  esac\n}\n_sallyport \"$@\"\n";
  return out;
}

std::string fish(const Table& table) {
  std::string out =
      "# Completion of sallyport for fish. Printed by `sallyport docs --completion fish`.\n"
      "complete -c sallyport -f\n";
  for (const std::string& family : families(table)) {
    out += "complete -c sallyport -n '__fish_use_subcommand' -a " + family + "\n";
  }
  for (const CommandEntry& command : table) {
    std::string when = command.name.empty() ? "__fish_use_subcommand"
                                            : "__fish_seen_subcommand_from " + own_name(command);
    std::string before = "__fish_use_subcommand";
    if (std::string family = family_of(command); !family.empty()) {
      const std::string seen = "__fish_seen_subcommand_from ";
      when = seen + family + "; and " + when;
      before = seen + family + "; and not " + seen + commands_of(table, family);
    }
    if (!command.name.empty()) {
      out += "complete -c sallyport -n '" + before + "' -a " + own_name(command) + " -d '" +
             quoted(command.description) + "'\n";
    }
    for (const FlagEntry& flag : command.flags) {
      out += "complete -c sallyport -n '" + when + "'";
      for (const std::string& name : flag.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      out += " -d '" + quoted(flag.description) + "'";
      if (!flag.argument.empty()) out += takes_file(flag) || takes_folder(flag) ? " -r -F" : " -x";
      if (std::vector<std::string> words = flag.words(); !words.empty()) {
        out += " -a '" + joined(words, " ") + "'";
      }
      out += "\n";
    }
    if (names(command, takes_file) || names(command, takes_folder)) {
      out += "complete -c sallyport -n '" + when + "' -F\n";
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const std::vector<CommandEntry>& table, std::string_view shell) {
  if (shell == "zsh") return zsh(table);
  return shell == "fish" ? fish(table) : bash(table);
}

}  // namespace sallyport::cli
