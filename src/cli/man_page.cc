#include "cli/man_page.h"

#include "base/version.h"

namespace sallyport::cli {
namespace {

// What roff would take for its own: backslashes, leading dots and quotes, and hyphens that must
// stay hyphens when copied.
std::string escaped(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    line_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string names_of(const FlagEntry& flag) {
  std::string text;
  for (const std::string& name : flag.names) {
    text += (text.empty() ? "\\fB" : ", \\fB") + escaped(name) + "\\fR";
  }
  if (!flag.argument.empty()) {
    text += (text.empty() ? "\\fI" : " \\fI") + escaped(flag.argument) + "\\fR";
  }
  return text;
}

void append_list(std::string& page, const std::vector<FlagEntry>& entries) {
  for (const FlagEntry& entry : entries) {
    page += ".TP\n" + names_of(entry) + "\n" + escaped(entry.description) + ".";
    if (entry.repeatable) page += " May be given several times.";
    if (entry.required) page += " Required.";
    page += "\n";
  }
}

void append_examples(std::string& page, const CommandEntry& command) {
  if (command.examples.empty()) return;
  page += ".PP\n.nf\n.RS\n";
  for (const std::string& example : command.examples) page += escaped(example) + "\n";
  page += ".RE\n.fi\n";
}

std::string synopsis(const CommandEntry& command) {
  std::string text = "\\fBsallyport " + command.name + "\\fR";
  for (const FlagEntry& flag : command.flags) {
    if (flag.names.back() == "--help") continue;
    std::string one = "\\fB" + escaped(flag.names.back()) + "\\fR";
    if (!flag.argument.empty()) one += " \\fI" + escaped(flag.argument) + "\\fR";
    text += flag.required ? " " + one : " [" + one + "]";
    if (flag.repeatable) text += "...";
  }
  for (const FlagEntry& argument : command.arguments) {
    std::string one = "\\fI" + escaped(argument.argument) + "\\fR";
    text += argument.required ? " " + one : " [" + one + "]";
  }
  return text;
}

constexpr std::string_view kBehindCommands = R"(.SH SIGNALS
.TP
SIGHUP
Reads the configuration again. A file with errors is refused and the old one stays in force.
.TP
SIGUSR1
Opens the log files anew, after they were rotated.
.TP
SIGUSR2
Starts the binary anew and hands it the listening sockets; once it serves, this one ends its
requests and goes.
.TP
SIGTERM, SIGINT, SIGQUIT
Accepts nothing more, lets requests end within the time that \fBdrain\fR gives, and stops. A second
one stops at once.
.SH EXIT STATUS
.TP
0
All is well.
.TP
1
It worked, and what was looked at is not as it should be: warnings with \fB\-\-strict\fR, a request
that nobody remembers.
.TP
2
Wrong usage, a wrong configuration, or something that cannot be reached.
.SH ENVIRONMENT
.TP
NO_COLOR
If set, nothing is printed in colour.
.SH FILES
.TP
/etc/sallyport/sallyport.yaml
The configuration, if no other is named. Without it ./sallyport.yaml is.
)";

}  // namespace

std::string man_page(const std::vector<CommandEntry>& table) {
  const CommandEntry& program = table.front();
  std::string page = ".\\\" Printed by `sallyport docs --man`.\n.TH SALLYPORT 1 \"\" \"sallyport " +
                     std::string(kVersion) + "\" \"User commands\"\n";
  page += ".SH NAME\nsallyport \\- API security gateway\n.SH SYNOPSIS\n";
  for (std::size_t i = 1; i < table.size(); ++i) page += synopsis(table[i]) + "\n.br\n";
  page += ".SH DESCRIPTION\n" + escaped(program.description) + "\n";
  append_examples(page, program);
  page += ".SH OPTIONS\n";
  append_list(page, program.flags);
  page += ".SH COMMANDS\n";
  for (std::size_t i = 1; i < table.size(); ++i) {
    const CommandEntry& command = table[i];
    page += ".SS " + command.name + "\n" + escaped(command.description) + ".\n";
    append_list(page, command.arguments);
    append_list(page, command.flags);
    append_examples(page, command);
  }
  page += kBehindCommands;
  return page;
}

}  // namespace sallyport::cli
